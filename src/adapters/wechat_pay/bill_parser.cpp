#include "adapters/wechat_pay/bill_parser.hpp"

#include <utility>

namespace doorbuster::wechat_pay {

namespace {

constexpr std::size_t kLineBytesMax = 64 * 1024;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

BillParser::BillParser(BillKind kind, Row row)
    : row_{std::move(row)}, rows_{kind == BillKind::trade ? trade_bill() : fund_bill()} {}

void BillParser::take(std::string_view piece) {
    while (true) {
        const auto end = piece.find('\n');
        const auto part = piece.substr(0, end);
        if (begun_.size() + part.size() > kLineBytesMax) {
            throw BadBill{"line " + std::to_string(lines_ + 1) + ": is too long"};
        }
        if (end == std::string_view::npos) {
            begun_.append(part);
            return;
        }
        if (begun_.empty()) {
            take_line(part);
        } else {
            begun_.append(part);
            take_line(begun_);
            begun_.clear();
        }
        piece.remove_prefix(end + 1);
    }
}

BillSummary BillParser::finish() {
    if (!begun_.empty()) take_line(begun_);
    begun_.clear();
    if (next_ != Next::nothing) throw BadBill{"the bill ends before its totals"};
    return summary_;
}

void BillParser::take_line(std::string_view line) {
    ++lines_;
    if (lines_ == 1 && line.starts_with(kByteOrderMark)) {
        line.remove_prefix(kByteOrderMark.size());
    }
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return;
    try {
        read_line(line);
    } catch (const BadBill& bad) {
        throw BadBill{"line " + std::to_string(lines_) + ": " + bad.what()};
    }
}

void BillParser::read_line(std::string_view line) {
    const bool has_values = line.starts_with('`');
    switch (next_) {
        case Next::header:
            if (has_values) throw BadBill{"values before any header"};
            return read_header(line);
        case Next::rows:
            if (has_values) return read_row(line);
            columns_.read(line);
            next_ = Next::totals;
            return;
        case Next::totals:
            return read_totals(line);
        case Next::nothing:
            throw BadBill{"there is something behind the totals"};
    }
}

void BillParser::read_header(std::string_view line) {
    columns_.read(line);
    rows_->columns(columns_);
    values_.emplace(columns_, rows_->last_free_text());
    next_ = Next::rows;
}

void BillParser::read_row(std::string_view line) {
    if (!values_->split(line)) throw BadBill{"not as many values as columns"};
    row_(rows_->row(*values_));
}

void BillParser::read_totals(std::string_view line) {
    BillValues totals{columns_, std::nullopt};
    if (!totals.split(line)) throw BadBill{"not as many totals as columns"};
    summary_ = rows_->summary(columns_, totals);
    next_ = Next::nothing;
}

}  // namespace doorbuster::wechat_pay
