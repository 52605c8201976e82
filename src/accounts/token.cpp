#include "accounts/token.hpp"

#include <sodium.h>

namespace doorbuster::accounts {

namespace {

constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
static_assert(sodium_base64_ENCODED_LEN(32, kVariant) == kTokenCharacters + 1);

}  // namespace

Secret new_token(Random& random) {
    std::array<std::byte, 32> bytes{};
    random.fill(bytes);
    std::array<char, kTokenCharacters + 1> text{};
    sodium_bin2base64(
        text.data(),
        text.size(),
        reinterpret_cast<const unsigned char*>(bytes.data()),
        bytes.size(),
        kVariant
    );
    return Secret{text.data()};
}

TokenHash hash_of(std::string_view token) {
    TokenHash hash{};
    crypto_hash_sha256(
        reinterpret_cast<unsigned char*>(hash.data()),
        reinterpret_cast<const unsigned char*>(token.data()),
        token.size()
    );
    return hash;
}

bool equal(const TokenHash& a, const TokenHash& b) {
    return sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace doorbuster::accounts
