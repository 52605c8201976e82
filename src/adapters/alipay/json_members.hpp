#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace doorbuster::alipay {

struct JsonMember {
    std::string_view name;   // as written between its quotes
    std::string_view value;  // the bytes of the value, from its first to its last character
};

// The members of a JSON object where they stand in `text`, which must outlive them: what a gateway
// signs is the bytes of one of them, and only those bytes will do. Nothing unless the whole text is
// strict JSON (see pay_wire/strict_json.hpp: no member twice, at any depth) and an object, and when
// a name at the top is written with escapes.
std::optional<std::vector<JsonMember>> top_level_members(std::string_view text);

}  // namespace doorbuster::alipay
