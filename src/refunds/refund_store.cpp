#include "refunds/refund_store.hpp"

#include <array>

#include "refunds/sql.hpp"

namespace doorbuster::refunds::store {
namespace {

RefundId id_of(const sql::Row& row) { return row.id<RefundId>(0); }

RefundState state_of(std::string_view word) {
    const auto state = refund_state_from(word);
    if (!state) throw sql::Error{"refunds: unknown state " + std::string{word}};
    return *state;
}

Origin origin_of(std::string_view word) {
    for (const Origin origin :
         {Origin::staff, Origin::caller, Origin::late, Origin::duplicate, Origin::external}) {
        if (to_string(origin) == word) return origin;
    }
    throw sql::Error{"refunds: unknown origin " + std::string{word}};
}

// In the order of the columns in refunds.sql.
Refund refund_of(const sql::Row& row) {
    Refund refund;
    refund.id = id_of(row);
    refund.payment = row.id<PaymentId>(1);
    refund.provider = row.string(2);
    refund.merchant = row.string(3);
    refund.out_refund_no = row.string(4);
    refund.provider_number = row.optional_string(5);
    refund.origin = origin_of(row.text(6));
    refund.state = state_of(row.text(7));
    refund.amount = row.money(8);
    refund.kept = row.boolean(9);
    refund.reason = row.string(10);
    refund.asked_by = row.string(11);
    refund.request_key = row.optional_string(12);
    refund.created_at = row.time(13);
    refund.sent_at = row.optional_time(14);
    refund.settled_at = row.optional_time(15);
    refund.tries = row.integer(16);
    refund.next_try_at = row.optional_time(17);
    refund.refused_at = row.optional_time(18);
    refund.failure = row.string(19);
    refund.stuck = row.boolean(20);
    refund.resolution = row.optional_string(21);
    refund.resolved_by = row.optional_id<UserId>(22);
    refund.resolved_at = row.optional_time(23);
    return refund;
}

Backlog backlog_of(const sql::Row& row) { return {row.integer(0), row.optional_time(1)}; }

std::int64_t number_of(const sql::Row& row) { return row.integer(0); }

}  // namespace

RefundId insert(sql::Transaction& tx, const Refund& refund) {
    return tx
        .find(
            queries::insert_refund,
            {refund.payment,
             refund.provider,
             refund.merchant,
             refund.out_refund_no,
             refund.provider_number,
             to_string(refund.origin),
             to_string(refund.state),
             refund.amount,
             refund.kept ? 1 : 0,
             refund.reason,
             refund.asked_by,
             refund.request_key,
             refund.created_at,
             refund.sent_at,
             refund.settled_at,
             refund.next_try_at},
            id_of
        )
        .value();
}

std::optional<Refund> find(sql::Reader& reader, RefundId id) {
    return reader.find(queries::find_refund, {id}, refund_of);
}

Refund get(sql::Reader& reader, RefundId id) {
    auto refund = find(reader, id);
    if (!refund) throw sql::Error{"refunds: no refund " + id.to_string()};
    return std::move(*refund);
}

std::vector<Refund> of_payment(sql::Reader& reader, PaymentId payment) {
    return reader.all(queries::find_of_payment, {payment}, refund_of);
}

std::optional<Refund> find_by_number(
    sql::Reader& reader,
    std::string_view provider,
    std::string_view merchant,
    std::string_view out_refund_no
) {
    return reader.find(queries::find_by_number, {provider, merchant, out_refund_no}, refund_of);
}

void update(sql::Transaction& tx, const Refund& refund, RefundState from) {
    const auto rows = tx.execute(
        queries::update_refund,
        {refund.id,
         to_string(from),
         to_string(refund.state),
         refund.provider_number,
         refund.sent_at,
         refund.settled_at,
         refund.tries,
         refund.next_try_at,
         refund.refused_at,
         refund.failure,
         refund.stuck ? 1 : 0,
         refund.resolution,
         refund.resolved_by,
         refund.resolved_at}
    );
    if (rows != 1) throw sql::Error{"refunds: " + refund.id.to_string() + " changed meanwhile"};
}

std::vector<RefundId> take_due(
    sql::Transaction& tx, std::string_view provider, Time now, std::size_t limit, Time lease_end
) {
    return tx.all(queries::take_due, {provider, now, limit, lease_end}, id_of);
}

std::vector<RefundId> slow(sql::Reader& reader, Time before, std::int64_t limit) {
    return reader.all(queries::list_slow, {before, limit}, id_of);
}

Listing list(sql::Reader& reader, const Filter& filter, std::int64_t limit, std::int64_t offset) {
    if (filter.for_person) {
        return {
            reader.all(queries::list_for_person, {limit, offset}, refund_of),
            reader.find(queries::count_for_person, {}, number_of).value_or(0)};
    }
    const PaymentId payment = filter.payment.value_or(PaymentId{});
    return {
        reader.all(queries::list_refunds, {filter.state, payment, limit, offset}, refund_of),
        reader.find(queries::count_refunds, {filter.state, payment}, number_of).value_or(0)};
}

Backlog waiting(sql::Reader& reader) {
    return reader.find(queries::count_waiting, {Backlog::kCountMax}, backlog_of).value();
}

Backlog under_way(sql::Reader& reader) {
    return reader.find(queries::count_under_way, {Backlog::kCountMax}, backlog_of).value();
}

}  // namespace doorbuster::refunds::store
