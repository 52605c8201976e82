#include "http/plain_json.hpp"

#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>

#include "core/assert.hpp"

namespace doorbuster::http {
namespace {

namespace json = boost::json;

void append(std::string& out, const json::value& value);

void append_number(std::string& out, double number) {
    DOORBUSTER_ASSERT(std::isfinite(number));  // JSON has no other numbers
    std::array<char, 400> digits;              // 309 before the point, or 325 behind it
    const auto end = std::to_chars(
        digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed
    );
    DOORBUSTER_ASSERT(end.ec == std::errc{});
    out.append(digits.data(), end.ptr);
}

void append_object(std::string& out, const json::object& object) {
    out += '{';
    bool first = true;
    for (const auto& member : object) {
        if (!first) out += ',';
        first = false;
        out += json::serialize(json::string{member.key()}) + ':';
        append(out, member.value());
    }
    out += '}';
}

void append_array(std::string& out, const json::array& array) {
    out += '[';
    for (const json::value& value : array) {
        if (&value != &array.front()) out += ',';
        append(out, value);
    }
    out += ']';
}

void append(std::string& out, const json::value& value) {
    switch (value.kind()) {
        case json::kind::object:
            return append_object(out, value.get_object());
        case json::kind::array:
            return append_array(out, value.get_array());
        case json::kind::double_:
            return append_number(out, value.get_double());
        default:
            out += json::serialize(value);
    }
}

}  // namespace

std::string plain_json(const json::value& value) {
    std::string out;
    append(out, value);
    return out;
}

}  // namespace doorbuster::http
