#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

// JSON as outside bytes deserve it. Included by sources only, never by headers: it compiles slowly.
namespace doorbuster::pay_wire {

// The value, or nothing: malformed, not UTF-8, deeper than 32 levels, or an object that names a
// member twice, because two readers could then see two different messages.
std::optional<boost::json::value> parse_strict(std::string_view text);

// A member that is a string of 1 to `max` bytes; nothing when absent or anything else.
std::optional<std::string> text_of(
    const boost::json::object& object, std::string_view name, std::size_t max
);
// The same, of visible ASCII characters only: numbers and names that a provider gives.
std::optional<std::string> token_of(
    const boost::json::object& object, std::string_view name, std::size_t max
);
// A member that is an integer of 64 bits, written as one: not 100.0, 1e2 or "100".
std::optional<std::int64_t> integer_of(const boost::json::object& object, std::string_view name);
const boost::json::object* object_of(const boost::json::object& object, std::string_view name);

}  // namespace doorbuster::pay_wire
