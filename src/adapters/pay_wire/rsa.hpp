#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"

using EVP_PKEY = struct evp_pkey_st;
using EVP_MD_CTX = struct evp_md_ctx_st;

// RSASSA-PKCS1-v1_5 with SHA-256 and keys of at least 2048 bits, over OpenSSL 3. A key keeps a
// context that is set up once and copied for each use, because setting up costs more than verifying
// does. Keys may be used by any number of threads at once.
namespace doorbuster::pay_wire {

class RsaKey {
public:
    // The public half as DER, to compare keys by.
    const std::string& public_der() const { return public_der_; }

protected:
    RsaKey() = default;
    struct Free {
        void operator()(EVP_PKEY* key) const;
        void operator()(EVP_MD_CTX* context) const;
    };
    std::shared_ptr<EVP_PKEY> key_;
    std::shared_ptr<EVP_MD_CTX> ready_;
    std::string public_der_;

    bool take(EVP_PKEY* key);
};

class PrivateKey : public RsaKey {
public:
    // PKCS#8 or PKCS#1 PEM, not encrypted. Nothing when it is not such a key.
    static std::optional<PrivateKey> from_pem(std::string_view pem);

    // The signature's bytes. Throws std::runtime_error when OpenSSL cannot sign (out of memory).
    std::string sign(std::string_view message) const;
};

class PublicKey : public RsaKey {
public:
    // SubjectPublicKeyInfo PEM. Nothing when it is not such a key.
    static std::optional<PublicKey> from_pem(std::string_view pem);
    // The key of an X.509 certificate in PEM, the certificate's serial as upper-case hex and the
    // end of its validity. Who signed it is not looked at.
    struct Certified;
    static std::optional<Certified> from_certificate(std::string_view pem);

    bool verify(std::string_view message, std::string_view signature) const;

private:
    static std::optional<PublicKey> adopt(EVP_PKEY* key);
};

struct PublicKey::Certified {
    PublicKey key;
    std::string serial;
    Time expires_at;
};

}  // namespace doorbuster::pay_wire
