#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/result.hpp"
#include "ports/backlog.hpp"
#include "ports/sql.hpp"

// What a person must look at about a payment: a provider's answer, a notification or a bill that
// does not fit. Rows are added and resolved, never removed. Inside a caller's transaction.
namespace doorbuster::payments {

using DoubtId = Id<struct DoubtTag>;

struct Doubt {
    DoubtId id;
    PaymentId payment;
    std::string reason;
    bool holds_refunds = false;
    Time raised_at;
    std::optional<std::string> resolution;
    std::optional<UserId> resolved_by;
    std::optional<Time> resolved_at;
};

// Nothing happens when the same is open already, but that it may hold refunds from now on.
void raise_doubt(
    sql::Transaction& tx, PaymentId payment, std::string_view reason, bool holds_refunds, Time now
);
// No refund of the payment is to be begun now. Stable while the payment is locked.
bool holds_refunds(sql::Reader& reader, PaymentId payment);

// Errors: kDoubtNotFound, kDoubtSettled.
Result<Doubt> resolve_doubt(
    sql::Transaction& tx, DoubtId id, UserId staff, const std::string& note, Time now
);
// Of a payment, those that hold its refunds: what they were about was cleared up elsewhere.
void resolve_holds(
    sql::Transaction& tx, PaymentId payment, UserId staff, const std::string& note, Time now
);

struct DoubtListing {
    std::vector<Doubt> doubts;  // newest first
    std::int64_t total = 0;
};
DoubtListing list_doubts(
    sql::Reader& reader, bool open_only, std::int64_t limit, std::int64_t offset
);
// Doubts that are open.
Backlog doubts_waiting(sql::Reader& reader);

}  // namespace doorbuster::payments
