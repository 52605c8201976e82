#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/wechat_pay/bill_line.hpp"
#include "adapters/wechat_pay/bill_rows.hpp"
#include "ports/payment_bills.hpp"

namespace doorbuster::wechat_pay {

// Reads a bill from its uncompressed bytes, in whatever pieces they come: a header line, rows, a
// header line of totals, a line of totals. Lines end with LF or CRLF; there may be a byte order
// mark. Holds one line at a time.
class BillParser {
public:
    using Row = std::function<void(const BillRow&)>;

    BillParser(BillKind kind, Row row);

    // Both throw BadBill, which names the line.
    void take(std::string_view piece);
    // After the last piece: what the totals say, or that there is no whole bill.
    BillSummary finish();

private:
    enum class Next { header, rows, totals, nothing };

    void take_line(std::string_view line);
    void read_line(std::string_view line);
    void read_header(std::string_view line);
    void read_row(std::string_view line);
    void read_totals(std::string_view line);

    const Row row_;
    const std::unique_ptr<BillRows> rows_;
    Next next_ = Next::header;
    std::string begun_;  // a line that goes on in the next piece
    std::size_t lines_ = 0;
    BillColumns columns_;
    std::optional<BillValues> values_;
    BillSummary summary_;
};

}  // namespace doorbuster::wechat_pay
