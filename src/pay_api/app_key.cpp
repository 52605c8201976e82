#include "pay_api/app_key.hpp"

#include <sodium.h>

namespace doorbuster::pay_api {
namespace {

constexpr std::string_view kPrefix = "dbk_";
constexpr std::string_view kScheme = "bearer ";
constexpr std::size_t kIdLength = 16;
// 43 of 62 letters and digits are 256 bits.
constexpr std::size_t kSecretLength = 43;

bool begins_with_scheme(std::string_view text) {
    if (text.size() < kScheme.size()) return false;
    for (std::size_t i = 0; i < kScheme.size(); ++i) {
        const char c = text[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != kScheme[i]) {
            return false;
        }
    }
    return true;
}

}  // namespace

NewKey new_key(Random& random) {
    NewKey key;
    key.id = random.token(kIdLength);
    const std::string secret = random.token(kSecretLength);
    key.whole = Secret{std::string{kPrefix} + key.id + '_' + secret};
    key.hash = hash_of(secret);
    return key;
}

std::optional<ParsedKey> parse_key(std::string_view authorization) {
    if (!begins_with_scheme(authorization)) return std::nullopt;
    authorization.remove_prefix(kScheme.size());
    if (!authorization.starts_with(kPrefix)) return std::nullopt;
    authorization.remove_prefix(kPrefix.size());
    const bool right_size = authorization.size() == kIdLength + 1 + kSecretLength;
    if (!right_size || authorization[kIdLength] != '_') return std::nullopt;
    for (const char c : authorization) {
        const bool word =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!word) return std::nullopt;
    }
    return ParsedKey{authorization.substr(0, kIdLength), authorization.substr(kIdLength + 1)};
}

KeyHash hash_of(std::string_view secret) {
    KeyHash hash{};
    crypto_hash_sha256(
        reinterpret_cast<unsigned char*>(hash.data()),
        reinterpret_cast<const unsigned char*>(secret.data()),
        secret.size()
    );
    return hash;
}

bool equal(const KeyHash& a, const KeyHash& b) {
    return sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace doorbuster::pay_api
