#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace doorbuster::pay_wire {

// Standard alphabet with padding, no line breaks.
std::string to_base64(std::string_view bytes);

// Strict: nothing for a character outside the alphabet, missing or misplaced padding, or bits left
// over in the last character, so that no two texts decode to the same bytes.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace doorbuster::pay_wire
