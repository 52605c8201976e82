#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "ports/payment_bills.hpp"

// What both bills' targets judge.
namespace doorbuster::fuzz {

struct ReadBill {
    std::vector<BillRow> rows;
    std::optional<BillSummary> summary;  // nothing: refused, or no details
};

inline bool equal(const BillRow& a, const BillRow& b) {
    const auto all = [](const BillRow& row) {
        return std::tie(
            row.kind,
            row.outcome,
            row.out_trade_no,
            row.transaction_id,
            row.out_refund_no,
            row.refund_id,
            row.amount,
            row.fee,
            row.status,
            row.at,
            row.income
        );
    };
    return all(a) == all(b);
}

inline bool equal(const ReadBill& a, const ReadBill& b) {
    if (a.summary.has_value() != b.summary.has_value() || a.rows.size() != b.rows.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.rows.size(); ++i) {
        if (!equal(a.rows[i], b.rows[i])) return false;
    }
    return !a.summary ||
           (a.summary->payments == b.summary->payments &&
            a.summary->refunds == b.summary->refunds && a.summary->paid == b.summary->paid &&
            a.summary->refunded == b.summary->refunded && a.summary->fees == b.summary->fees);
}

// The rows of a bill that was believed add up to its summary, and none holds what cannot be.
inline void check_bill(BillKind kind, const ReadBill& bill) {
    BillSummary sums;
    for (const BillRow& row : bill.rows) {
        demand(!row.amount.is_negative() && !row.fee.is_negative(), "signs are taken off");
        demand(row.out_trade_no.size() <= 64 && is_visible(row.out_trade_no), "numbers are plain");
        demand(row.transaction_id.size() <= 64 && is_visible(row.transaction_id), "likewise");
        demand(row.out_refund_no.size() <= 64 && is_visible(row.out_refund_no), "likewise");
        demand(row.refund_id.size() <= 64 && is_visible(row.refund_id), "likewise");
        const bool in = kind == BillKind::trade ? row.kind == BillRow::Kind::payment : row.income;
        const bool out = kind == BillKind::trade ? row.kind == BillRow::Kind::refund : !row.income;
        if (in) ++sums.payments, sums.paid += row.amount;
        if (out) ++sums.refunds, sums.refunded += row.amount;
    }
    if (!bill.summary) return;
    demand(bill.summary->payments == sums.payments, "payments are counted");
    demand(bill.summary->refunds == sums.refunds, "refunds are counted");
    demand(bill.summary->paid == sums.paid, "payments add up");
    demand(bill.summary->refunded == sums.refunded, "refunds add up");
}

// What an input says of a bill, which `read` reads in pieces of so many bytes. The first byte:
// which bill, and whether the rest is its text or the rows that `check_written` writes one of.
inline void check_bills(
    Input input,
    ReadBill (*read)(BillKind kind, std::string_view text, std::size_t piece),
    void (*check_written)(Input rows)
) {
    const std::uint8_t mode = input.byte();
    if (mode == 'w') return check_written(input);
    const BillKind kind = (mode & 1) != 0 ? BillKind::trade : BillKind::fund;
    const ReadBill whole = read(kind, input.rest(), 64 * 1024);
    check_bill(kind, whole);
    const ReadBill pieces = read(kind, input.rest(), 1 + mode / 2 % 64);
    demand(equal(whole, pieces), "in whatever pieces it comes, it is the same bill");
}

}  // namespace doorbuster::fuzz
