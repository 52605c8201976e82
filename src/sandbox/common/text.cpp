#include "sandbox/common/text.hpp"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>

#include "http/text.hpp"

namespace doorbuster::sandbox {

namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr hours kBeijing{8};

struct Converter {
    Converter() : handle{::iconv_open("GB18030", "UTF-8")} {
        // NOLINTNEXTLINE(performance-no-int-to-ptr): iconv's own word for "no"
        if (handle == iconv_t(-1)) throw std::runtime_error{"iconv does not know GB18030"};
    }
    ~Converter() { ::iconv_close(handle); }
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;
    iconv_t handle;
};

bool are_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::string beijing_text(Time time) {
    std::string text = to_rfc3339(time + kBeijing).substr(0, 19);
    text[10] = ' ';
    return text;
}

std::string beijing_rfc3339(Time time) {
    return to_rfc3339(time + kBeijing).substr(0, 19) + "+08:00";
}

std::string beijing_day(Time time) { return beijing_text(time).substr(0, 10); }

std::optional<Time> from_beijing_text(std::string_view text) {
    if (text.size() != 19 || text[10] != ' ') return std::nullopt;
    std::string rfc{text};
    rfc[10] = 'T';
    return from_rfc3339(rfc + "+08:00");
}

std::optional<DaySpan> beijing_day_span(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    if (!are_digits(without_dashes(text))) return std::nullopt;
    const auto from = from_rfc3339(std::string{text} + "T00:00:00+08:00");
    if (!from) return std::nullopt;
    return DaySpan{*from, *from + days{1}};
}

int beijing_hour(Time time) {
    const Time local = time + kBeijing;
    return static_cast<int>(
        std::chrono::floor<hours>(local - std::chrono::floor<days>(local)).count()
    );
}

std::string without_dashes(std::string_view day) {
    std::string text;
    for (const char c : day) {
        if (c != '-') text += c;
    }
    return text;
}

std::string_view beginning_of(std::string_view text, std::size_t bytes_max) {
    std::size_t end = std::min(text.size(), bytes_max);
    const auto inside_character = [&] {
        return end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U;
    };
    while (end > 0 && inside_character()) --end;
    const auto beginning = text.substr(0, end);
    return http::utf8_length(beginning) ? beginning : std::string_view{};
}

std::string to_gbk(std::string_view utf8) {
    const Converter converter;
    std::string result;
    char* from = const_cast<char*>(utf8.data());  // iconv does not write to it
    std::size_t left = utf8.size();
    std::array<char, 1024> buffer;
    while (left > 0) {
        char* to = buffer.data();
        std::size_t space = buffer.size();
        const bool failed =
            ::iconv(converter.handle, &from, &left, &to, &space) == static_cast<std::size_t>(-1);
        result.append(buffer.data(), buffer.size() - space);
        if (failed && errno != E2BIG) {
            result += '?';
            ++from;
            --left;
        }
    }
    return result;
}

}  // namespace doorbuster::sandbox
