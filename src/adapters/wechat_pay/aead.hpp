#pragma once

#include <optional>
#include <string>
#include <string_view>

// AEAD_AES_256_GCM as WeChat Pay seals notifications and certificates with the APIv3 key.
namespace doorbuster::wechat_pay {

inline constexpr std::size_t kApiv3KeyBytes = 32;

// The plaintext of Base64(ciphertext ‖ 16-byte tag), or nothing: a key that is not 32 bytes, a
// nonce that is not 12, bad Base64, too short for a tag, or a wrong tag. No part of a plaintext
// leaves before its tag was checked.
std::optional<std::string> open_sealed(
    std::string_view key,
    std::string_view nonce,
    std::string_view associated_data,
    std::string_view ciphertext_base64
);

}  // namespace doorbuster::wechat_pay
