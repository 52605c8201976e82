#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/wechat_pay/bill_line.hpp"
#include "ports/payment_bills.hpp"

namespace doorbuster::wechat_pay {

// What the lines of one kind of bill mean. Every function throws BadBill for what cannot be.
class BillRows {
public:
    virtual ~BillRows() = default;

    // The header of the rows, before any of them.
    virtual void columns(const BillColumns& header) = 0;
    virtual std::optional<std::size_t> last_free_text() const = 0;
    // A row, valid until the next.
    virtual const BillRow& row(const BillValues& values) = 0;
    // The line of totals, compared with the rows.
    virtual BillSummary summary(const BillColumns& header, const BillValues& values) = 0;
};

std::unique_ptr<BillRows> trade_bill();
std::unique_ptr<BillRows> fund_bill();

// For both. Throw BadBill.
std::size_t required(const BillColumns& columns, std::initializer_list<std::string_view> names);
std::int64_t millifen_in(std::string_view text);
// Whole fen, not negative.
Money fen_in(std::string_view text);
// Visible ASCII of at most 64 bytes, or nothing at all.
void number_in(std::string_view text, std::string& number);
// One of WeChat Pay's own words: UTF-8 without control characters, at most 64 bytes.
void word_in(std::string_view text, std::string& word);
Time time_in(std::string_view text);
// To the nearest fen.
Money rounded(__int128 millifen);

// Sums of many amounts, which may be more than 64 bits hold.
using Sum = __int128;
void expect_total(std::string_view name, Sum told, Sum of_rows);

}  // namespace doorbuster::wechat_pay
