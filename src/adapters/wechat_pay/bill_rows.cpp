#include "adapters/wechat_pay/bill_rows.hpp"

#include "adapters/pay_wire/plain_text.hpp"

namespace doorbuster::wechat_pay {

namespace {

constexpr std::int64_t kMillifen = 1000;  // of a fen
constexpr std::size_t kWordBytesMax = 64;

[[noreturn]] void refuse(std::string_view what, std::string_view value) {
    constexpr std::size_t kShown = 40;
    std::string shown;
    for (const char c : value.substr(0, kShown)) shown += c >= ' ' && c < 127 ? c : '?';
    throw BadBill{std::string{what} + ": " + shown};
}

}  // namespace

std::size_t required(const BillColumns& columns, std::initializer_list<std::string_view> names) {
    const auto column = columns.find(names);
    if (!column) throw BadBill{"there is no column " + std::string{*names.begin()}};
    return *column;
}

std::int64_t millifen_in(std::string_view text) {
    const auto value = parse_millifen(text);
    if (!value) refuse("not an amount", text);
    return *value;
}

Money fen_in(std::string_view text) {
    const std::int64_t value = millifen_in(text);
    if (value < 0 || value % kMillifen != 0) refuse("not an amount of whole fen", text);
    return Money::fen(value / kMillifen);
}

void number_in(std::string_view text, std::string& number) {
    if (!pay_wire::is_plain_word(text, kWordBytesMax)) refuse("not a number of an order", text);
    number.assign(text);
}

void word_in(std::string_view text, std::string& word) {
    if (!pay_wire::is_plain_text(text, kWordBytesMax)) refuse("not a state or a kind", text);
    word.assign(text);
}

Time time_in(std::string_view text) {
    const auto time = parse_beijing_time(text);
    if (!time) refuse("not a time", text);
    return *time;
}

Money rounded(Sum millifen) {
    const Sum half = millifen < 0 ? -kMillifen / 2 : kMillifen / 2;
    const Sum fen = (millifen + half) / kMillifen;
    if (fen > INT64_MAX || fen < INT64_MIN) throw BadBill{"the amounts are larger than all money"};
    return Money::fen(static_cast<std::int64_t>(fen));
}

void expect_total(std::string_view name, Sum told, Sum of_rows) {
    if (told == of_rows) return;
    throw BadBill{"the total " + std::string{name} + " is not that of the rows"};
}

}  // namespace doorbuster::wechat_pay
