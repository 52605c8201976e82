#pragma once

#include <string>
#include <string_view>

namespace doorbuster::accounts {

inline constexpr std::size_t kUsernameMin = 3;
inline constexpr std::size_t kUsernameMax = 32;

// 3 to 32 characters: ASCII letters and digits, Chinese characters, kana, Hangul, and `_`, `-`,
// `.`. Letters of other scripts are left out because too many of them look like ASCII ones.
bool is_username(std::string_view text);

// The name that must be unique: ASCII letters made small.
std::string username_key(std::string_view username);

}  // namespace doorbuster::accounts
