#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Small questions about the text that a client sends.
namespace doorbuster::http {

// ASCII letters only: names of headers, media types, codings.
bool equal_ignoring_case(std::string_view a, std::string_view b);

// How many characters valid UTF-8 has; nothing when it is not valid (overlong forms, surrogates and
// what lies above U+10FFFF are not).
std::optional<std::size_t> utf8_length(std::string_view text);

enum class Plus { is_plus, is_space };
// Replaces %XX; a percent sign that no two hex digits follow stands for itself.
std::string percent_decode(std::string_view text, Plus plus);

// Decimal digits only, from 1 to 2^63 - 1, without leading zeros.
std::optional<std::int64_t> parse_id(std::string_view digits);

// Cuts spaces and tabs, as around header values.
std::string_view trim_blanks(std::string_view text);

// Visits what stands between separators, blanks cut off, empty parts too.
template <class Visit>
void for_each_part(std::string_view text, char separator, Visit&& visit) {
    while (true) {
        const auto end = text.find(separator);
        visit(trim_blanks(text.substr(0, end)));
        if (end == std::string_view::npos) return;
        text.remove_prefix(end + 1);
    }
}

// Whether a header such as Accept or Accept-Encoding names `item` and does not refuse it with q=0.
bool accepts(std::string_view header, std::string_view item);

// Whether a value may stand in a header: no CR, LF, NUL or other control character but tab.
bool is_header_value(std::string_view value);
// Whether a name may stand in a header (RFC 9110, token).
bool is_token(std::string_view name);

}  // namespace doorbuster::http
