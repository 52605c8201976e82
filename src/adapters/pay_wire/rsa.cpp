#include "adapters/pay_wire/rsa.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <climits>
#include <ctime>
#include <stdexcept>

namespace doorbuster::pay_wire {

namespace {

constexpr int kKeyBitsMin = 2048;
constexpr std::size_t kPemBytesMax = 64 * 1024;

struct FreeOpenssl {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
template <class T>
using Owned = std::unique_ptr<T, FreeOpenssl>;

Owned<BIO> reader(std::string_view text) {
    if (text.size() > kPemBytesMax) return nullptr;
    return Owned<BIO>{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

// Without it OpenSSL would ask for a pass phrase on the terminal.
int no_pass_phrase(char*, int, int, void*) { return -1; }

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

Owned<EVP_MD_CTX> copy_of(const EVP_MD_CTX* ready) {
    Owned<EVP_MD_CTX> context{EVP_MD_CTX_new()};
    if (!context || EVP_MD_CTX_copy_ex(context.get(), ready) != 1) return nullptr;
    return context;
}

std::string serial_of(const X509* certificate) {
    const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate);
    const Owned<BIGNUM> number{ASN1_INTEGER_to_BN(serial, nullptr)};
    if (!number) return {};
    char* hex = BN_bn2hex(number.get());
    const std::string text = hex ? hex : "";
    OPENSSL_free(hex);
    return text;
}

std::optional<Time> end_of(const X509* certificate) {
    std::tm utc{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &utc) != 1) return std::nullopt;
    return Time{std::chrono::seconds{::timegm(&utc)}};
}

}  // namespace

void RsaKey::Free::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
void RsaKey::Free::operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }

// Owns `key` from here on. False: not an RSA key that is long enough.
bool RsaKey::take(EVP_PKEY* key) {
    key_.reset(key, Free{});
    ready_.reset(EVP_MD_CTX_new(), Free{});
    if (!key || !ready_ || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) return false;
    if (EVP_PKEY_get_bits(key) < kKeyBitsMin) return false;
    unsigned char* der = nullptr;
    const int length = i2d_PUBKEY(key, &der);
    if (length <= 0) return false;
    public_der_.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
    OPENSSL_free(der);
    return true;
}

std::optional<PrivateKey> PrivateKey::from_pem(std::string_view pem) {
    const auto bio = reader(pem);
    PrivateKey key;
    const bool good =
        bio && key.take(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr)) &&
        EVP_DigestSignInit(key.ready_.get(), nullptr, EVP_sha256(), nullptr, key.key_.get()) == 1;
    ERR_clear_error();
    return good ? std::optional{std::move(key)} : std::nullopt;
}

std::string PrivateKey::sign(std::string_view message) const {
    const auto context = copy_of(ready_.get());
    std::size_t length = 0;
    std::string signature;
    const bool good =
        context &&
        EVP_DigestSign(context.get(), nullptr, &length, bytes_of(message), message.size()) == 1 &&
        (signature.resize(length), true) &&
        EVP_DigestSign(
            context.get(),
            reinterpret_cast<unsigned char*>(signature.data()),
            &length,
            bytes_of(message),
            message.size()
        ) == 1;
    ERR_clear_error();
    if (!good) throw std::runtime_error{"cannot sign a request"};
    signature.resize(length);
    return signature;
}

std::optional<PublicKey> PublicKey::adopt(EVP_PKEY* pkey) {
    PublicKey key;
    const bool good =
        key.take(pkey) &&
        EVP_DigestVerifyInit(key.ready_.get(), nullptr, EVP_sha256(), nullptr, pkey) == 1;
    ERR_clear_error();
    return good ? std::optional{std::move(key)} : std::nullopt;
}

std::optional<PublicKey> PublicKey::from_pem(std::string_view pem) {
    const auto bio = reader(pem);
    if (!bio) return std::nullopt;
    return adopt(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_pass_phrase, nullptr));
}

std::optional<PublicKey::Certified> PublicKey::from_certificate(std::string_view pem) {
    const auto bio = reader(pem);
    if (!bio) return std::nullopt;
    const Owned<X509> certificate{PEM_read_bio_X509(bio.get(), nullptr, no_pass_phrase, nullptr)};
    ERR_clear_error();
    if (!certificate) return std::nullopt;
    auto key = adopt(X509_get_pubkey(certificate.get()));
    auto serial = serial_of(certificate.get());
    const auto expires_at = end_of(certificate.get());
    if (!key || serial.empty() || !expires_at) return std::nullopt;
    return Certified{std::move(*key), std::move(serial), *expires_at};
}

bool PublicKey::verify(std::string_view message, std::string_view signature) const {
    const auto context = copy_of(ready_.get());
    const bool good =
        context &&
        EVP_DigestVerify(
            context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()
        ) == 1;
    ERR_clear_error();
    return good;
}

}  // namespace doorbuster::pay_wire
