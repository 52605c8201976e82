#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "payments/payment.hpp"
#include "ports/backlog.hpp"
#include "ports/sql.hpp"

// Rows <-> values, inside a caller's transaction.
namespace doorbuster::payments::store {

// What is known of a caller's reference. Holding it means holding the lock on its row.
struct Reference {
    std::optional<Time> given_up_at;
    std::string answered;  // "succeeded", "closed", or empty
};

// Locks the reference until the transaction ends; makes its row when there is none.
Reference lock_reference(
    sql::Transaction& tx, const std::string& app, const std::string& reference, Time now
);
// Whether payment.closed has been told for it.
bool is_closed(sql::Reader& reader, const std::string& app, const std::string& reference);
void give_up(sql::Transaction& tx, const std::string& app, const std::string& reference, Time now);
// False when it has been answered before.
bool answer(
    sql::Transaction& tx,
    const std::string& app,
    const std::string& reference,
    std::string_view answer
);

// A row of all columns, in the order of payments.sql.
Payment payment_of(const sql::Row& row);

// Nothing when a constraint forbids it: another open attempt, or the trade number is taken.
std::optional<PaymentId> insert(sql::Transaction& tx, const Payment& payment);
std::optional<Payment> find(sql::Reader& reader, PaymentId id);
// Throws sql::Error when there is none.
Payment get(sql::Reader& reader, PaymentId id);
std::vector<Payment> of_reference(
    sql::Reader& reader, const std::string& app, const std::string& reference
);
std::optional<PaymentId> find_by_trade(
    sql::Reader& reader,
    std::string_view provider,
    std::string_view merchant,
    std::string_view out_trade_no
);
std::optional<Payment> find_payment_by_trade(
    sql::Reader& reader,
    std::string_view provider,
    std::string_view merchant,
    std::string_view out_trade_no
);
std::optional<PaymentId> find_by_transaction(
    sql::Reader& reader, std::string_view provider, std::string_view transaction
);

// Writes all that can change. Throws sql::Error when the row is no longer in state `from`, which
// cannot be while the reference is locked.
void update(sql::Transaction& tx, const Payment& payment, PaymentState from);
// Only when to ask next; nothing happens when the row is no longer in that state.
void reschedule(sql::Transaction& tx, const Payment& payment);
std::vector<PaymentId> take_due(
    sql::Transaction& tx, std::string_view provider, Time now, std::size_t limit, Time lease_end
);

struct NotificationRow {
    std::string_view provider;
    std::string_view id;
    Time received_at;
    std::string_view headers;  // JSON
    std::string_view body;     // as it came
    std::string_view verdict;
    std::optional<PaymentId> payment;
};
void keep_notification(sql::Transaction& tx, const NotificationRow& row);

// Empty text means any.
struct Filter {
    std::string state;
    std::string flag;
};
std::vector<Payment> list(
    sql::Reader& reader, const Filter& filter, std::int64_t limit, std::int64_t offset
);
std::int64_t count(sql::Reader& reader, const Filter& filter);
// Attempts past their deadline of which it is not known what became; the oldest is as old as it is
// past its deadline.
Backlog overdue(sql::Reader& reader, Time now);
// Payments whose money is not kept and has not gone back.
Backlog refunds_due(sql::Reader& reader);

}  // namespace doorbuster::payments::store
