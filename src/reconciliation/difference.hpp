#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"

namespace doorbuster::reconciliation {

using ReconciliationId = Id<struct ReconciliationTag>;
using DifferenceId = Id<struct DifferenceTag>;

enum class Subject { payment, refund, fund };

enum class Kind {
    missing_here,   // the bill has it, and here it is unknown, or not known to be paid
    missing_there,  // we have it, and the bill of its day has not
    amount,
    status,     // of a refund: done, pending or failed
    twice,      // the bill has it twice
    other_day,  // both have it, on different days: told, and no difference of money
};

std::string_view to_string(Subject subject);
std::string_view to_string(Kind kind);
// Throws sql::Error for words that the schema does not know.
Subject subject_from(std::string_view word);
Kind kind_from(std::string_view word);

// One thing on which a bill and we do not agree.
struct Difference {
    enum class State { open, repaired, resolved };

    DifferenceId id;
    Subject subject = Subject::payment;
    Kind kind = Kind::missing_here;
    std::string
        number;  // out_trade_no, out_refund_no; of a fund bill "payments", "refunds", "fees"
    std::string transaction;
    std::optional<PaymentId> payment;
    std::optional<RefundId> refund;
    std::optional<Money> ours;
    std::optional<Money> theirs;
    std::string our_status;
    std::string their_status;
    Money fee;
    State state = State::open;
    std::string note;  // what was done about it
    Time found_at;
    std::optional<UserId> resolved_by;
    std::optional<Time> resolved_at;
};

std::string_view to_string(Difference::State state);
Difference::State difference_state_from(std::string_view word);

}  // namespace doorbuster::reconciliation
