#include "payments/refundable.hpp"

#include "payments/payment_store.hpp"
#include "payments/sql.hpp"

namespace doorbuster::payments {
namespace {

void change_one(sql::Transaction& tx, const sql::Statement& statement, PaymentId id, Money amount) {
    if (tx.execute(statement, {id, amount}) != 1) {
        throw sql::Error{"payments: no payment " + id.to_string()};
    }
}

}  // namespace

std::optional<Payment> lock_payment(sql::Transaction& tx, PaymentId id, Time now) {
    const auto seen = store::find(tx, id);
    if (!seen) return std::nullopt;
    store::lock_reference(tx, seen->app, seen->reference, now);
    return store::find(tx, id);
}

std::optional<Payment> find_payment(sql::Reader& reader, PaymentId id) {
    return store::find(reader, id);
}

std::optional<PaymentId> find_payment_by_trade(
    sql::Reader& reader,
    std::string_view provider,
    std::string_view merchant,
    std::string_view out_trade_no
) {
    return store::find_by_trade(reader, provider, merchant, out_trade_no);
}

std::vector<Payment> payments_of(
    sql::Reader& reader, const std::string& app, const std::string& reference
) {
    return store::of_reference(reader, app, reference);
}

bool reserve_refund(sql::Transaction& tx, PaymentId id, Money amount) {
    return tx.execute(queries::reserve_refund, {id, amount}) == 1;
}

void free_refund(sql::Transaction& tx, PaymentId id, Money amount) {
    change_one(tx, queries::free_refund, id, amount);
}

void count_refunded(sql::Transaction& tx, PaymentId id, Money amount) {
    change_one(tx, queries::count_refunded, id, amount);
}

std::vector<PaymentId> to_give_back(sql::Reader& reader, Time now, std::int64_t limit) {
    return reader.all(queries::list_to_give_back, {now, limit}, [](const sql::Row& row) {
        return row.id<PaymentId>(0);
    });
}

void begin_giving_back(sql::Transaction& tx, PaymentId id) {
    tx.execute(queries::begin_giving_back, {id});
}

}  // namespace doorbuster::payments
