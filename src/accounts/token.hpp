#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "core/random.hpp"
#include "core/secret.hpp"

namespace doorbuster::accounts {

// What the database keeps of a token, so that who reads the database cannot use it.
using TokenHash = std::array<std::byte, 32>;

// 256 random bits as 43 characters of base64url.
inline constexpr std::size_t kTokenCharacters = 43;
Secret new_token(Random& random);

// SHA-256. No salt and no stretching: the token has 256 bits of its own.
TokenHash hash_of(std::string_view token);

// In a time that does not depend on where they differ.
bool equal(const TokenHash& a, const TokenHash& b);

}  // namespace doorbuster::accounts
