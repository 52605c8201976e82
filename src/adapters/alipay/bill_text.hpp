#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ports/payment_bills.hpp"

namespace doorbuster::alipay {

// Yuan as bills have them, with a sign or without: "-0.30" is -30 fen.
std::optional<Money> signed_yuan(std::string_view text);

// Reads the CSV text of a bill: GB18030 (which GBK is part of) or UTF-8, told by its first line.
// Only headings and the kinds of rows are decoded, since in GB18030 no comma and no line end is
// ever part of another character. Columns are found by their names. Memory does not grow with the
// number of rows. Throws BadBill. Not thread-safe.
class BillText {
public:
    // `row` must outlive this. It is called with an object that is used again.
    BillText(BillKind kind, const std::function<void(const BillRow&)>& row);
    ~BillText();
    BillText(const BillText&) = delete;
    BillText& operator=(const BillText&) = delete;

    // The next bytes, in any pieces. False once it is known that these are not the details (an
    // archive holds a summary, too); what follows is of no interest then.
    bool take(std::string_view bytes);

    // After the last byte, when take() was never false: checks that the list has its end and that
    // the totals behind it are those of its rows.
    BillSummary finish();

private:
    class Decoder;
    struct Kinds;
    enum class Column : std::size_t {
        transaction,
        number,
        type,
        at,
        amount,    // of the order; of fund bills, what came in
        received,  // by the merchant; of fund bills, what went out
        refund_number,
        fee,
        title,
        count,
    };
    static constexpr std::size_t kColumns = static_cast<std::size_t>(Column::count);
    // Both totals lines have the same form: so many, and so much.
    struct Total {
        std::int64_t count = 0;
        Money sum;
        friend bool operator==(const Total&, const Total&) = default;
    };

    void line(std::string_view raw);
    void first_line(std::string_view raw);
    void comment(const std::string& text);
    void header(const std::string& text);
    void data(std::string_view raw);
    void split(std::string_view raw);
    void trade_row();
    void fund_row();
    void common_fields(std::string_view type);
    std::string_view field(Column column) const;
    std::string_view number(Column column) const;
    Money money(Column column, bool may_be_empty) const;
    bool fits() const;
    const std::pair<BillRow::Kind, std::string>& kind_of(std::string_view raw);
    void count(Total& total, Money sum);
    [[noreturn]] void refuse(const std::string& why) const;

    const BillKind kind_;
    const std::function<void(const BillRow&)>& row_;
    std::unique_ptr<Decoder> decoder_;
    std::string kept_;  // the beginning of a line whose end has not come yet
    std::int64_t lines_ = 0;
    bool details_ = true;
    bool has_header_ = false;
    bool ended_ = false;
    std::size_t width_ = 0;
    std::array<std::size_t, kColumns> columns_{};
    std::vector<std::string_view> fields_;
    std::vector<std::pair<std::string, std::pair<BillRow::Kind, std::string>>> kinds_;
    BillRow current_;
    BillSummary summary_;
    // Of trade bills payments and refunds, of fund bills what came in and what went out.
    Total plus_;
    Total minus_;
    std::optional<Total> told_plus_;
    std::optional<Total> told_minus_;
};

}  // namespace doorbuster::alipay
