#include "http/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace doorbuster::http {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char low = lower(c);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

// The length of the character at the front (RFC 3629, table of section 4); 0 when it is none.
std::size_t utf8_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto tail = [&](std::size_t i, unsigned low, unsigned high) {
        return i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return tail(1, 0x80, 0xBF) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
        const unsigned high = first == 0xED ? 0x9F : 0xBF;
        return tail(1, low, high) && tail(2, 0x80, 0xBF) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned low = first == 0xF0 ? 0x90 : 0x80;
        const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
        return tail(1, low, high) && tail(2, 0x80, 0xBF) && tail(3, 0x80, 0xBF) ? 4 : 0;
    }
    return 0;
}

// True when the parameters of an item say q=0 (RFC 9110, 12.4.2: "0", "0.", "0.0", ...).
bool refused(std::string_view parameters) {
    bool zero = false;
    for_each_part(parameters, ';', [&](std::string_view parameter) {
        if (parameter.size() < 3 || lower(parameter[0]) != 'q' || parameter[1] != '=') return;
        zero = parameter.substr(2).find_first_not_of("0.") == std::string_view::npos;
    });
    return zero;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return lower(x) == lower(y);
           });
}

std::optional<std::size_t> utf8_length(std::string_view text) {
    std::size_t count = 0;
    for (; !text.empty(); ++count) {
        const std::size_t length = utf8_character(text);
        if (length == 0) return std::nullopt;
        text.remove_prefix(length);
    }
    return count;
}

std::string percent_decode(std::string_view text, Plus plus) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low >= 0) {
            decoded += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            decoded += text[i] == '+' && plus == Plus::is_space ? ' ' : text[i];
        }
    }
    return decoded;
}

std::optional<std::int64_t> parse_id(std::string_view digits) {
    if (digits.empty() || digits.front() < '1' || digits.front() > '9') return std::nullopt;
    std::int64_t value = 0;
    const char* end = digits.data() + digits.size();
    const auto [at, error] = std::from_chars(digits.data(), end, value);
    if (error != std::errc{} || at != end) return std::nullopt;
    return value;
}

std::string_view trim_blanks(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool accepts(std::string_view header, std::string_view item) {
    std::optional<bool> named;
    std::optional<bool> any;
    for_each_part(header, ',', [&](std::string_view part) {
        const auto end = part.find(';');
        const std::string_view name = trim_blanks(part.substr(0, end));
        const bool taken = end == std::string_view::npos || !refused(part.substr(end + 1));
        if (equal_ignoring_case(name, item)) named = taken;
        if (name == "*") any = taken;
    });
    return named.value_or(any.value_or(false));
}

bool is_header_value(std::string_view value) {
    return std::none_of(value.begin(), value.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && byte != '\t') || byte == 0x7F;
    });
}

bool is_token(std::string_view name) {
    static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
               kMarks.find(c) != std::string_view::npos;
    });
}

}  // namespace doorbuster::http
