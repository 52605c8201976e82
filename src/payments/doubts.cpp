#include "payments/doubts.hpp"

#include "payments/errors.hpp"
#include "payments/refundable.hpp"
#include "payments/sql.hpp"

namespace doorbuster::payments {
namespace {

// In the order of the columns in doubts.sql.
Doubt doubt_of(const sql::Row& row) {
    Doubt doubt;
    doubt.id = row.id<DoubtId>(0);
    doubt.payment = row.id<PaymentId>(1);
    doubt.reason = row.string(2);
    doubt.holds_refunds = row.boolean(3);
    doubt.raised_at = row.time(4);
    doubt.resolution = row.optional_string(5);
    doubt.resolved_by = row.optional_id<UserId>(6);
    doubt.resolved_at = row.optional_time(7);
    return doubt;
}

std::int64_t number_of(const sql::Row& row) { return row.integer(0); }

}  // namespace

void raise_doubt(
    sql::Transaction& tx, PaymentId payment, std::string_view reason, bool holds, Time now
) {
    tx.execute(queries::raise_doubt, {payment, reason, holds ? 1 : 0, now});
}

bool holds_refunds(sql::Reader& reader, PaymentId payment) {
    return reader.find(queries::find_held_refunds, {payment}, number_of).has_value();
}

Result<Doubt> resolve_doubt(
    sql::Transaction& tx, DoubtId id, UserId staff, const std::string& note, Time now
) {
    const auto seen = tx.find(queries::find_doubt, {id}, doubt_of);
    if (!seen) return kDoubtNotFound;
    // A refund that is just being begun is begun before or after.
    lock_payment(tx, seen->payment, now);
    if (tx.execute(queries::resolve_doubt, {id, note, staff, now}) != 1) return kDoubtSettled;
    return tx.find(queries::find_doubt, {id}, doubt_of).value();
}

void resolve_holds(
    sql::Transaction& tx, PaymentId payment, UserId staff, const std::string& note, Time now
) {
    tx.execute(queries::resolve_holds, {payment, note, staff, now});
}

DoubtListing list_doubts(
    sql::Reader& reader, bool open_only, std::int64_t limit, std::int64_t offset
) {
    const auto& rows = open_only ? queries::list_open_doubts : queries::list_doubts;
    const auto& count = open_only ? queries::count_open_doubts : queries::count_doubts;
    return {
        reader.all(rows, {limit, offset}, doubt_of), reader.find(count, {}, number_of).value_or(0)};
}

Backlog doubts_waiting(sql::Reader& reader) {
    const auto read = [](const sql::Row& row) {
        return Backlog{row.integer(0), row.optional_time(1)};
    };
    return reader.find(queries::count_doubts_waiting, {Backlog::kCountMax}, read).value();
}

}  // namespace doorbuster::payments
