#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ports/backlog.hpp"
#include "ports/sql.hpp"
#include "refunds/refund.hpp"

// Rows <-> values, inside a caller's transaction.
namespace doorbuster::refunds::store {

// A number or a request that is taken is a bug of the caller, who holds the payment's lock.
RefundId insert(sql::Transaction& tx, const Refund& refund);
std::optional<Refund> find(sql::Reader& reader, RefundId id);
// Throws sql::Error when there is none.
Refund get(sql::Reader& reader, RefundId id);
std::vector<Refund> of_payment(sql::Reader& reader, PaymentId payment);
std::optional<Refund> find_by_number(
    sql::Reader& reader,
    std::string_view provider,
    std::string_view merchant,
    std::string_view out_refund_no
);
// Writes all that can change. Throws sql::Error when the row is no longer in state `from`, which
// cannot be while its payment is locked.
void update(sql::Transaction& tx, const Refund& refund, RefundState from);

std::vector<RefundId> take_due(
    sql::Transaction& tx, std::string_view provider, Time now, std::size_t limit, Time lease_end
);
// Open ones that were asked for before `before`, and of which nobody was told.
std::vector<RefundId> slow(sql::Reader& reader, Time before, std::int64_t limit);

struct Filter {
    std::string state;                 // empty: any
    std::optional<PaymentId> payment;  // none: any
    bool for_person = false;           // those that wait for a person; the rest is not looked at
};
struct Listing {
    std::vector<Refund> refunds;  // newest first
    std::int64_t total = 0;
};
Listing list(sql::Reader& reader, const Filter& filter, std::int64_t limit, std::int64_t offset);
// What waits for a person, and what a provider has not answered yet.
Backlog waiting(sql::Reader& reader);
Backlog under_way(sql::Reader& reader);

}  // namespace doorbuster::refunds::store
