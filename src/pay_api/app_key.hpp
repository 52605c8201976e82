#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/random.hpp"
#include "core/secret.hpp"

// The words by which another order system proves who it is: dbk_<id>_<secret>. The id is no secret
// and finds the row; of the secret only a hash is kept.
namespace doorbuster::pay_api {

using KeyHash = std::array<std::byte, 32>;

struct NewKey {
    std::string id;
    Secret whole;  // as the app sends it
    KeyHash hash{};
};
NewKey new_key(Random& random);

struct ParsedKey {
    std::string_view id;
    std::string_view secret;
};
// Of the value of an Authorization header. Nothing when it holds no app key.
std::optional<ParsedKey> parse_key(std::string_view authorization);

// SHA-256. No salt and no stretching: the secret has 256 bits of its own.
KeyHash hash_of(std::string_view secret);
// In a time that does not depend on where they differ.
bool equal(const KeyHash& a, const KeyHash& b);

}  // namespace doorbuster::pay_api
