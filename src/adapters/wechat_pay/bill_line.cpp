#include "adapters/wechat_pay/bill_line.hpp"

#include <algorithm>
#include <charconv>

#include "ports/payment_bills.hpp"

namespace doorbuster::wechat_pay {

namespace {

constexpr std::size_t kColumnsMax = 128;
constexpr std::size_t kDecimals = 5;
// More than all the money that there is, and far from overflowing when a million of them are added.
constexpr std::size_t kYuanDigitsMax = 10;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// A number of exactly `digits` digits.
std::optional<int> number_at(std::string_view text, std::size_t at, std::size_t digits) {
    const auto part = text.substr(at, digits);
    if (!all_digits(part)) return std::nullopt;
    int value = 0;
    for (const char c : part) value = value * 10 + (c - '0');
    return value;
}

}  // namespace

void BillColumns::read(std::string_view header) {
    names_.clear();
    while (true) {
        const auto comma = header.find(',');
        names_.emplace_back(trimmed(header.substr(0, comma)));
        if (names_.size() > kColumnsMax) throw BadBill{"the bill has too many columns"};
        if (comma == std::string_view::npos) return;
        header.remove_prefix(comma + 1);
    }
}

std::optional<std::size_t> BillColumns::find(std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names) {
        if (name.empty()) continue;
        const auto found = std::find(names_.begin(), names_.end(), name);
        if (found != names_.end()) return static_cast<std::size_t>(found - names_.begin());
    }
    return std::nullopt;
}

bool BillValues::split(std::string_view line) {
    fields_.clear();
    if (!line.starts_with('`')) return false;
    line.remove_prefix(1);
    const std::size_t fields_max = columns_ + kColumnsMax;
    while (fields_.size() < fields_max) {
        const auto next = line.find(",`");
        fields_.push_back(line.substr(0, next));
        if (next == std::string_view::npos) break;
        line.remove_prefix(next + 2);
    }
    const bool has_more = fields_.size() > columns_ && last_free_text_;
    return (fields_.size() == columns_ || has_more) && fields_.size() < fields_max;
}

std::string_view BillValues::at(std::size_t column) const {
    const bool behind = last_free_text_ && column > *last_free_text_;
    return fields_[behind ? column + (fields_.size() - columns_) : column];
}

std::optional<std::int64_t> parse_millifen(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const std::size_t point = std::min(text.find('.'), text.size());
    const auto whole = text.substr(0, point);
    auto decimals = text.substr(std::min(point + 1, text.size()));
    if (whole.empty() || whole.size() > kYuanDigitsMax || !all_digits(whole)) return std::nullopt;
    const bool lone_point = point < text.size() && decimals.empty();
    if (lone_point || !all_digits(decimals)) return std::nullopt;
    if (decimals.find_first_not_of('0', kDecimals) != std::string_view::npos) return std::nullopt;
    decimals = decimals.substr(0, kDecimals);
    std::int64_t value = 0;
    for (const char c : whole) value = value * 10 + (c - '0');
    for (std::size_t i = 0; i < kDecimals; ++i) {
        value = value * 10 + (i < decimals.size() ? decimals[i] - '0' : 0);
    }
    return negative ? -value : value;
}

std::optional<std::int64_t> parse_count(std::string_view text) {
    const auto value = parse_millifen(text);
    constexpr std::int64_t kOne = 100'000;
    if (!value || *value < 0 || *value % kOne != 0) return std::nullopt;
    return *value / kOne;
}

std::optional<Time> parse_beijing_time(std::string_view text) {
    if (text.size() != 19 || text[4] != '-' || text[7] != '-' || text[10] != ' ' ||
        text[13] != ':' || text[16] != ':') {
        return std::nullopt;
    }
    const auto year = number_at(text, 0, 4);
    const auto month = number_at(text, 5, 2);
    const auto day = number_at(text, 8, 2);
    const auto hour = number_at(text, 11, 2);
    const auto minute = number_at(text, 14, 2);
    const auto second = number_at(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    const std::chrono::year_month_day date{
        std::chrono::year{*year},
        std::chrono::month{static_cast<unsigned>(*month)},
        std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
    return std::chrono::sys_days{date} + std::chrono::hours{*hour - 8} +
           std::chrono::minutes{*minute} + std::chrono::seconds{*second};
}

}  // namespace doorbuster::wechat_pay
