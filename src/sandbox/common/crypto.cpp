#include "sandbox/common/crypto.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <stdexcept>

#include "core/assert.hpp"

namespace doorbuster::sandbox {

namespace {

constexpr int kTagBytes = 16;

struct FreeOpenssl {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
template <class T>
using Owned = std::unique_ptr<T, FreeOpenssl>;

void need(bool good) {
    if (!good) throw std::runtime_error{"the gateway simulator's cryptography failed"};
}

const unsigned char* in(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* out(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long length = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(length)};
}

std::string digest_hex(const EVP_MD* algorithm, std::string_view bytes) {
    std::string digest(EVP_MAX_MD_SIZE, '\0');
    unsigned length = 0;
    need(EVP_Digest(bytes.data(), bytes.size(), out(digest), &length, algorithm, nullptr) == 1);
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i < length; ++i) {
        const auto byte = static_cast<unsigned char>(digest[i]);
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

std::string from_base64(std::string_view text) {
    if (text.size() % 4 != 0 || text.size() > 4096) return {};
    std::string bytes(text.size() / 4 * 3, '\0');
    if (EVP_DecodeBlock(out(bytes), in(text), static_cast<int>(text.size())) < 0) return {};
    for (std::size_t i = 0; i < 2 && text.ends_with('='); ++i) {
        text.remove_suffix(1);
        bytes.pop_back();
    }
    return bytes;
}

}  // namespace

std::string to_base64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int length = EVP_EncodeBlock(out(text), in(bytes), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

std::string sha1_hex(std::string_view bytes) { return digest_hex(EVP_sha1(), bytes); }
std::string md5_hex(std::string_view bytes) { return digest_hex(EVP_md5(), bytes); }

RsaKey::RsaKey(EVP_PKEY* key) : key_{key, EVP_PKEY_free} {}

RsaKey RsaKey::generate() {
    EVP_PKEY* key = EVP_RSA_gen(2048);
    need(key != nullptr);
    return RsaKey{key};
}

std::optional<RsaKey> RsaKey::from_private_pem(std::string_view pem) {
    const Owned<BIO> bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    need(bio != nullptr);
    const auto no_pass_phrase = [](char*, int, int, void*) { return -1; };
    EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr);
    return key ? std::optional{RsaKey{key}} : std::nullopt;
}

std::string RsaKey::private_pem() const {
    const Owned<BIO> bio{BIO_new(BIO_s_mem())};
    need(
        PEM_write_bio_PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1
    );
    return text_of(bio.get());
}

std::string RsaKey::public_pem() const {
    const Owned<BIO> bio{BIO_new(BIO_s_mem())};
    need(PEM_write_bio_PUBKEY(bio.get(), key_.get()) == 1);
    return text_of(bio.get());
}

std::string RsaKey::sign(std::string_view message) const {
    const Owned<EVP_MD_CTX> context{EVP_MD_CTX_new()};
    need(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
    std::size_t length = 0;
    need(EVP_DigestSign(context.get(), nullptr, &length, in(message), message.size()) == 1);
    std::string signature(length, '\0');
    need(EVP_DigestSign(context.get(), out(signature), &length, in(message), message.size()) == 1);
    signature.resize(length);
    return to_base64(signature);
}

bool RsaKey::verify(std::string_view message, std::string_view signature_base64) const {
    const std::string signature = from_base64(signature_base64);
    const Owned<EVP_MD_CTX> context{EVP_MD_CTX_new()};
    need(EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
    return EVP_DigestVerify(
               context.get(), in(signature), signature.size(), in(message), message.size()
           ) == 1;
}

std::string seal(
    std::string_view key,
    std::string_view nonce,
    std::string_view associated_data,
    std::string_view plaintext
) {
    DOORBUSTER_ASSERT(key.size() == 32 && nonce.size() == 12);
    const Owned<EVP_CIPHER_CTX> context{EVP_CIPHER_CTX_new()};
    EVP_CIPHER_CTX* c = context.get();
    int length = 0;
    int rest = 0;
    std::string sealed(plaintext.size() + kTagBytes, '\0');
    const auto size = [](std::string_view text) { return static_cast<int>(text.size()); };
    need(EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), nullptr, in(key), in(nonce)) == 1);
    need(EVP_EncryptUpdate(c, nullptr, &length, in(associated_data), size(associated_data)) == 1);
    need(EVP_EncryptUpdate(c, out(sealed), &length, in(plaintext), size(plaintext)) == 1);
    need(EVP_EncryptFinal_ex(c, out(sealed) + length, &rest) == 1);
    need(
        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, kTagBytes, out(sealed) + plaintext.size()) ==
        1
    );
    return to_base64(sealed);
}

}  // namespace doorbuster::sandbox
