#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "adapters/pay_wire/base64.hpp"

namespace doorbuster::fuzz {

// Base64 of AES-256-GCM's ciphertext and tag, written without the code that opens it.
inline std::string sealed(
    std::string_view key, std::string_view nonce, std::string_view data, std::string_view text
) {
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context{
        EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
    const auto bytes = [](std::string_view t) {
        return reinterpret_cast<const unsigned char*>(t.data());
    };
    const auto size = [](std::string_view t) { return static_cast<int>(t.size()); };
    std::string out(text.size() + 16, '\0');
    auto* to = reinterpret_cast<unsigned char*>(out.data());
    int length = 0;
    EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key), bytes(nonce));
    if (!data.empty()) {
        EVP_EncryptUpdate(context.get(), nullptr, &length, bytes(data), size(data));
    }
    if (!text.empty()) EVP_EncryptUpdate(context.get(), to, &length, bytes(text), size(text));
    EVP_EncryptFinal_ex(context.get(), to + text.size(), &length);
    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, 16, to + text.size());
    return pay_wire::to_base64(out);
}

}  // namespace doorbuster::fuzz
