#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

using EVP_PKEY = struct evp_pkey_st;

// The cryptography of the providers' side. It is not the adapter's on purpose: two that were
// written apart check each other.
namespace doorbuster::sandbox {

class RsaKey {
public:
    static RsaKey generate();  // 2048 bits
    // A private key (PKCS#8 PEM). Nothing when it is none.
    static std::optional<RsaKey> from_private_pem(std::string_view pem);

    std::string private_pem() const;
    std::string public_pem() const;

    // RSASSA-PKCS1-v1_5 with SHA-256, in Base64.
    std::string sign(std::string_view message) const;
    bool verify(std::string_view message, std::string_view signature_base64) const;

    EVP_PKEY* get() const { return key_.get(); }

private:
    explicit RsaKey(EVP_PKEY* key);
    std::shared_ptr<EVP_PKEY> key_;
};

// AES-256-GCM with a key of 32 and a nonce of 12 bytes: Base64(ciphertext ‖ tag).
std::string seal(
    std::string_view key,
    std::string_view nonce,
    std::string_view associated_data,
    std::string_view plaintext
);

std::string sha1_hex(std::string_view bytes);
std::string md5_hex(std::string_view bytes);
std::string to_base64(std::string_view bytes);

}  // namespace doorbuster::sandbox
