#include "adapters/wechat_pay/aead.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>

#include "adapters/pay_wire/base64.hpp"

namespace doorbuster::wechat_pay {

using pay_wire::from_base64;

namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
// Of a notification; the documented limit of `ciphertext` is 1 MiB of Base64.
constexpr std::size_t kCiphertextBytesMax = 1024 * 1024;

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

// Fetched once: looking an algorithm up costs more than decrypting a notification.
const EVP_CIPHER* aes_256_gcm() {
    static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    return cipher;
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

int size_of(std::string_view text) { return static_cast<int>(text.size()); }

bool begin(EVP_CIPHER_CTX* context, std::string_view key, std::string_view nonce) {
    return EVP_DecryptInit_ex2(context, aes_256_gcm(), bytes_of(key), bytes_of(nonce), nullptr) ==
           1;
}

bool authenticate(EVP_CIPHER_CTX* context, std::string_view data) {
    int written = 0;
    return data.empty() ||
           EVP_DecryptUpdate(context, nullptr, &written, bytes_of(data), size_of(data)) == 1;
}

bool decrypt(
    EVP_CIPHER_CTX* context, std::string_view sealed, std::string_view tag, std::string& plain
) {
    auto* out = reinterpret_cast<unsigned char*>(plain.data());
    int written = 0;
    int rest = 0;
    if (!sealed.empty() &&
        EVP_DecryptUpdate(context, out, &written, bytes_of(sealed), size_of(sealed)) != 1) {
        return false;
    }
    std::string expected{tag};
    return EVP_CIPHER_CTX_ctrl(
               context, EVP_CTRL_AEAD_SET_TAG, size_of(expected), expected.data()
           ) == 1 &&
           EVP_DecryptFinal_ex(context, out + written, &rest) == 1;
}

}  // namespace

std::optional<std::string> open_sealed(
    std::string_view key,
    std::string_view nonce,
    std::string_view associated_data,
    std::string_view ciphertext_base64
) {
    if (key.size() != kApiv3KeyBytes || nonce.size() != kNonceBytes) return std::nullopt;
    if (ciphertext_base64.size() > kCiphertextBytesMax) return std::nullopt;
    const auto bytes = from_base64(ciphertext_base64);
    if (!bytes || bytes->size() < kTagBytes) return std::nullopt;

    const std::string_view all{*bytes};
    const auto sealed = all.substr(0, all.size() - kTagBytes);
    const auto tag = all.substr(sealed.size());
    std::string plain(sealed.size(), '\0');
    const Context context{EVP_CIPHER_CTX_new()};
    const bool good = context && begin(context.get(), key, nonce) &&
                      authenticate(context.get(), associated_data) &&
                      decrypt(context.get(), sealed, tag, plain);
    ERR_clear_error();
    return good ? std::optional{std::move(plain)} : std::nullopt;
}

}  // namespace doorbuster::wechat_pay
