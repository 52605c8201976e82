#include "refunds/lookup.hpp"

#include "refunds/refund.hpp"
#include "refunds/sql.hpp"

namespace doorbuster::refunds {
namespace {

constexpr Milliseconds kLookUpFor = std::chrono::hours{48};

LookupId id_of(const sql::Row& row) { return LookupId{row.integer(0)}; }

Lookup lookup_of(const sql::Row& row) {
    return {
        LookupId{row.integer(0)},
        PaymentId{row.integer(1)},
        row.string(2),
        row.time(3),
        row.integer(4)};
}

}  // namespace

std::optional<Time> next_try(const Lookup& lookup, Time now) {
    const Time next = now + distance_after(lookup.tries + 1);
    if (next > lookup.heard_at + kLookUpFor) return std::nullopt;
    return next;
}

namespace store {

void insert_lookup(
    sql::Transaction& tx,
    const payments::Payment& payment,
    std::string_view out_refund_no,
    Time heard_at
) {
    tx.execute(queries::insert_lookup, {payment.id, payment.provider, out_refund_no, heard_at});
}

std::optional<Lookup> find_lookup(sql::Reader& reader, LookupId id) {
    return reader.find(queries::find_lookup, {id}, lookup_of);
}

std::vector<LookupId> take_due_lookups(
    sql::Transaction& tx, std::string_view provider, Time now, std::size_t limit, Time lease_end
) {
    return tx.all(queries::take_due_lookups, {provider, now, limit, lease_end}, id_of);
}

void put_off_lookup(sql::Transaction& tx, LookupId id, Time next_try_at) {
    tx.execute(queries::put_off_lookup, {id, next_try_at});
}

void delete_lookup(sql::Transaction& tx, LookupId id) { tx.execute(queries::delete_lookup, {id}); }

}  // namespace store
}  // namespace doorbuster::refunds
