#include "adapters/alipay/beijing_time.hpp"

#include <array>
#include <cstdio>

namespace doorbuster::alipay {

namespace {

constexpr std::chrono::hours kOffset{8};

// A number of exactly these digits, or -1.
int number_at(std::string_view text, std::size_t at, std::size_t digits) {
    int number = 0;
    for (const char c : text.substr(at, digits)) {
        if (c < '0' || c > '9') return -1;
        number = number * 10 + (c - '0');
    }
    return number;
}

bool has_the_form(std::string_view text) {
    static constexpr std::string_view kForm = "....-..-.. ..:..:...   ";
    if (text.size() != 19 && text.size() != 23) return false;
    for (std::size_t at = 0; at < 19; ++at) {
        if (kForm[at] != '.' && text[at] != kForm[at]) return false;
    }
    return text.size() == 19 || text[19] == '.';
}

}  // namespace

std::string to_text(std::chrono::year_month_day day) {
    std::array<char, 32> text{};
    const int length = std::snprintf(
        text.data(),
        text.size(),
        "%04d-%02u-%02u",
        static_cast<int>(day.year()),
        static_cast<unsigned>(day.month()),
        static_cast<unsigned>(day.day())
    );
    return {text.data(), static_cast<std::size_t>(length)};
}

std::string to_beijing_time(Time time) {
    const auto local = std::chrono::floor<std::chrono::seconds>(time) + kOffset;
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::hh_mm_ss clock{local - day};
    std::array<char, 32> text{};
    const int length = std::snprintf(
        text.data(),
        text.size(),
        " %02d:%02d:%02d",
        static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count())
    );
    return to_text(day).append(text.data(), static_cast<std::size_t>(length));
}

std::optional<Time> from_beijing_time(std::string_view text) {
    if (!has_the_form(text)) return std::nullopt;
    const int year = number_at(text, 0, 4);
    const int month = number_at(text, 5, 2);
    const int day = number_at(text, 8, 2);
    const int hour = number_at(text, 11, 2);
    const int minute = number_at(text, 14, 2);
    const int second = number_at(text, 17, 2);
    const int milliseconds = text.size() > 19 ? number_at(text, 20, 3) : 0;
    const bool in_range = year >= 1970 && month >= 0 && day >= 0 && hour >= 0 && hour < 24 &&
                          minute >= 0 && minute < 60 && second >= 0 && second < 60 &&
                          milliseconds >= 0;
    if (!in_range) return std::nullopt;
    const std::chrono::year_month_day date{
        std::chrono::year{year},
        std::chrono::month{static_cast<unsigned>(month)},
        std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) return std::nullopt;
    return Time{std::chrono::sys_days{date}} + std::chrono::hours{hour} +
           std::chrono::minutes{minute} + std::chrono::seconds{second} +
           Milliseconds{milliseconds} - kOffset;
}

}  // namespace doorbuster::alipay
