#include "adapters/pay_wire/clock_skew.hpp"

#include <array>
#include <cstdio>
#include <string>

#include "ports/log.hpp"

namespace doorbuster::pay_wire {

namespace {

constexpr std::chrono::seconds kToleratedSkew{60};
constexpr std::chrono::milliseconds kLogPause = std::chrono::minutes{10};

std::optional<unsigned> month_of(std::string_view name) {
    static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const auto at = kMonths.find(name);
    if (name.size() != 3 || at == std::string_view::npos || at % 3 != 0) return std::nullopt;
    return static_cast<unsigned>(at / 3 + 1);
}

// A digit stands for any digit, a letter for anything.
bool has_the_form(std::string_view text) {
    static constexpr std::string_view kForm = "aaa, 00 aaa 0000 00:00:00 ";
    for (std::size_t at = 0; at < kForm.size(); ++at) {
        const bool digit = text[at] >= '0' && text[at] <= '9';
        if (kForm[at] != 'a' && (kForm[at] == '0' ? !digit : text[at] != kForm[at])) return false;
    }
    return true;
}

}  // namespace

std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) {
    if (text.size() != 29 || !text.ends_with(" GMT") || !has_the_form(text)) return std::nullopt;
    const std::string copy{text};
    std::array<char, 4> month{};
    unsigned day = 0;
    int year = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    const int read = std::sscanf(
        copy.c_str(),
        "%*3s, %2u %3s %4d %2d:%2d:%2d",
        &day,
        month.data(),
        &year,
        &hour,
        &minute,
        &second
    );
    const auto month_number = month_of(month.data());
    if (read != 6 || !month_number) return std::nullopt;
    const std::chrono::year_month_day date{
        std::chrono::year{year}, std::chrono::month{*month_number}, std::chrono::day{day}};
    const bool in_a_day =
        hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 60;
    if (!date.ok() || !in_a_day) return std::nullopt;
    return std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
           std::chrono::seconds{second};
}

void ClockSkew::observe(std::string_view date_header) {
    const auto theirs = parse_http_date(date_header);
    if (!theirs) return;
    const auto ours = std::chrono::floor<std::chrono::seconds>(clock_.now());
    const auto skew = ours - *theirs;
    seconds_ = skew.count();
    if (std::chrono::abs(skew) > kToleratedSkew && may_log()) {
        log::error(event_, {{"seconds", skew.count()}});
    }
}

bool ClockSkew::may_log() {
    const auto steady =
        std::chrono::floor<std::chrono::milliseconds>(clock_.steady()).time_since_epoch().count();
    std::int64_t next = next_log_.load();
    return (next == 0 || steady >= next) &&
           next_log_.compare_exchange_strong(next, steady + kLogPause.count());
}

}  // namespace doorbuster::pay_wire
