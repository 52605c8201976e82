#include "reconciliation/bill_day.hpp"

#include <cstdio>

namespace doorbuster::reconciliation {

namespace {

using namespace std::chrono_literals;
constexpr auto kBeijing = 8h;

std::optional<int> number_in(std::string_view digits) {
    int number = 0;
    for (const char digit : digits) {
        if (digit < '0' || digit > '9') return std::nullopt;
        number = number * 10 + (digit - '0');
    }
    return number;
}

BillDay shifted(BillDay day, int days) {
    return BillDay{std::chrono::sys_days{day} + std::chrono::days{days}};
}

}  // namespace

BillDay day_of(Time time) {
    return BillDay{std::chrono::floor<std::chrono::days>(time + kBeijing)};
}

Time begin_of(BillDay day) { return Time{std::chrono::sys_days{day}} - kBeijing; }

Time end_of(BillDay day) { return begin_of(day) + 24h; }

BillDay next(BillDay day) { return shifted(day, 1); }

BillDay previous(BillDay day) { return shifted(day, -1); }

Time ready_at(BillDay day) { return end_of(day) + 10h; }

std::optional<BillDay> day_from(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year = number_in(text.substr(0, 4));
    const auto month = number_in(text.substr(5, 2));
    const auto day = number_in(text.substr(8, 2));
    if (!year || !month || !day) return std::nullopt;
    const BillDay date{
        std::chrono::year{*year},
        std::chrono::month{static_cast<unsigned>(*month)},
        std::chrono::day{static_cast<unsigned>(*day)}};
    return date.ok() ? std::optional{date} : std::nullopt;
}

std::string to_string(BillDay day) {
    char text[16];
    std::snprintf(
        text,
        sizeof text,
        "%04d-%02u-%02u",
        static_cast<int>(day.year()),
        static_cast<unsigned>(day.month()),
        static_cast<unsigned>(day.day())
    );
    return text;
}

}  // namespace doorbuster::reconciliation
