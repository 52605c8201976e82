#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "ports/payment_bills.hpp"
#include "ports/sql.hpp"
#include "reconciliation/bill_day.hpp"
#include "reconciliation/difference.hpp"

namespace doorbuster::reconciliation {

// Whose bill of which day.
struct Scope {
    std::string provider;
    std::string merchant;
    BillDay day;
    BillProvider::RefundDay refund_day = BillProvider::RefundDay::done;
};

// How much of a bill is ours, too.
struct Tally {
    std::int64_t payments = 0;
    Money paid;
    std::int64_t refunds = 0;
    Money refunded;
};

// A fee that a matched row tells of.
struct FeeLine {
    PaymentId payment;
    std::optional<RefundId> refund;  // given back with it
    Money fee;
};

// Holds the rows of a bill against payments and refunds, in memory that grows by eight bytes a row,
// and by the differences, of which at most kDifferencesMax are kept. Changes nothing. Not
// thread-safe.
class Matcher {
public:
    // A bill with more of them is of another merchant, or our clock is wrong; nobody goes through
    // so many one by one.
    static constexpr std::size_t kDifferencesMax = 10'000;

    explicit Matcher(Scope scope) : scope_{std::move(scope)} {}

    // A piece of the bill; any order, each row once. The fees of what matched are told.
    std::vector<FeeLine> match(sql::Reader& reader, std::span<const BillRow> rows);

    // After the last row: what was twice in the bill, and then, a bounded piece at a time, what we
    // have of that day and the bill has not. True: there is more.
    bool look_for_missing(sql::Reader& reader);

    const Tally& tally() const { return tally_; }
    const std::vector<Difference>& differences() const { return differences_; }
    std::int64_t not_kept() const { return not_kept_; }

private:
    struct OurPayment;
    struct OurRefund;
    class Known;
    void match_payment(const BillRow& row, const Known& known, std::vector<FeeLine>& fees);
    void match_refund(const BillRow& row, const Known& known, std::vector<FeeLine>& fees);
    void note(Difference difference);
    void note_other_day(Difference difference, Time at);
    void find_twice(sql::Reader& reader);
    bool missing_payments(sql::Reader& reader);
    bool missing_refunds(sql::Reader& reader);

    // Where the search for what is missing stands, in the order of time and id.
    struct Mark {
        Time at{};
        std::int64_t id = 0;
        bool at_end = false;
    };

    const Scope scope_;
    Tally tally_;
    std::vector<Difference> differences_;
    std::set<std::string> noted_;  // a difference is told once
    std::int64_t not_kept_ = 0;
    std::vector<std::int64_t> seen_payments_;
    std::vector<std::int64_t> seen_refunds_;
    bool rows_are_over_ = false;
    Mark payments_mark_;
    Mark refunds_mark_;
};

}  // namespace doorbuster::reconciliation
