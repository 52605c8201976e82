#include "payments/payment_store.hpp"

#include "payments/sql.hpp"

namespace doorbuster::payments::store {
namespace {

PaymentId id_of(const sql::Row& row) { return row.id<PaymentId>(0); }

PaymentState state_of(std::string_view word) {
    const auto state = state_from(word);
    if (!state) throw sql::Error{"payments: unknown state " + std::string{word}};
    return *state;
}

Backlog backlog_of(const sql::Row& row) { return {row.integer(0), row.optional_time(1)}; }

}  // namespace

Payment payment_of(const sql::Row& row) {
    Payment payment;
    payment.id = id_of(row);
    payment.app = row.string(1);
    payment.reference = row.string(2);
    payment.owner = row.string(3);
    payment.provider = row.string(4);
    payment.merchant = row.string(5);
    payment.seller = row.string(6);
    payment.out_trade_no = row.string(7);
    payment.transaction = row.optional_string(8);
    payment.state = state_of(row.text(9));
    payment.amount = row.money(10);
    payment.currency = row.string(11);
    payment.description = row.string(12);
    payment.code_url = row.optional_string(13);
    payment.code_at = row.optional_time(14);
    payment.failure = row.optional_string(15).value_or("");
    payment.late = row.boolean(16);
    payment.duplicate = row.boolean(17);
    payment.suspect = row.boolean(18);
    payment.refund_due = row.boolean(19);
    payment.refunded = row.money(20);
    payment.created_at = row.time(21);
    payment.expires_at = row.time(22);
    payment.paid_at = row.optional_time(23);
    payment.closed_at = row.optional_time(24);
    payment.close_accepted_at = row.optional_time(25);
    payment.query_count = row.integer(26);
    payment.next_query_at = row.optional_time(27);
    payment.refund_reserved = row.money(28);
    payment.give_back_at = row.optional_time(29);
    payment.accepted_at = row.optional_time(30);
    return payment;
}

Reference lock_reference(
    sql::Transaction& tx, const std::string& app, const std::string& reference, Time now
) {
    const auto read = [](const sql::Row& row) {
        return Reference{row.optional_time(0), row.optional_string(1).value_or("")};
    };
    return tx.find(queries::lock_reference, {app, reference, now}, read).value();
}

bool is_closed(sql::Reader& reader, const std::string& app, const std::string& reference) {
    const auto found = reader.find(
        queries::find_closed_reference, {app, reference}, [](const sql::Row&) { return true; }
    );
    return found.has_value();
}

void give_up(sql::Transaction& tx, const std::string& app, const std::string& reference, Time now) {
    tx.execute(queries::give_reference_up, {app, reference, now});
}

bool answer(
    sql::Transaction& tx,
    const std::string& app,
    const std::string& reference,
    std::string_view answer
) {
    return tx.execute(queries::answer_reference, {app, reference, answer}) == 1;
}

std::optional<PaymentId> insert(sql::Transaction& tx, const Payment& payment) {
    return tx.find(
        queries::insert_payment,
        {payment.app,
         payment.reference,
         payment.owner,
         payment.provider,
         payment.merchant,
         payment.seller,
         payment.out_trade_no,
         payment.amount,
         payment.currency,
         payment.description,
         payment.created_at,
         payment.expires_at,
         payment.next_query_at},
        id_of
    );
}

std::optional<Payment> find(sql::Reader& reader, PaymentId id) {
    return reader.find(queries::find_payment, {id}, payment_of);
}

Payment get(sql::Reader& reader, PaymentId id) {
    auto payment = find(reader, id);
    if (!payment) throw sql::Error{"payments: no payment " + id.to_string()};
    return std::move(*payment);
}

std::vector<Payment> of_reference(
    sql::Reader& reader, const std::string& app, const std::string& reference
) {
    return reader.all(queries::find_of_reference, {app, reference}, payment_of);
}

std::optional<PaymentId> find_by_trade(
    sql::Reader& reader,
    std::string_view provider,
    std::string_view merchant,
    std::string_view out_trade_no
) {
    return reader.find(queries::find_by_trade, {provider, merchant, out_trade_no}, id_of);
}

std::optional<Payment> find_payment_by_trade(
    sql::Reader& reader,
    std::string_view provider,
    std::string_view merchant,
    std::string_view out_trade_no
) {
    return reader.find(
        queries::find_payment_by_trade, {provider, merchant, out_trade_no}, payment_of
    );
}

std::optional<PaymentId> find_by_transaction(
    sql::Reader& reader, std::string_view provider, std::string_view transaction
) {
    return reader.find(queries::find_by_transaction, {provider, transaction}, id_of);
}

void update(sql::Transaction& tx, const Payment& payment, PaymentState from) {
    const auto rows = tx.execute(
        queries::update_payment,
        {payment.id,
         to_string(from),
         to_string(payment.state),
         payment.transaction,
         payment.code_url,
         payment.code_at,
         payment.failure,
         payment.late ? 1 : 0,
         payment.duplicate ? 1 : 0,
         payment.suspect ? 1 : 0,
         payment.refund_due ? 1 : 0,
         payment.paid_at,
         payment.closed_at,
         payment.close_accepted_at,
         payment.query_count,
         payment.next_query_at,
         payment.give_back_at,
         payment.accepted_at}
    );
    if (rows != 1) throw sql::Error{"payments: " + payment.id.to_string() + " changed meanwhile"};
}

void reschedule(sql::Transaction& tx, const Payment& payment) {
    tx.execute(
        queries::reschedule_payment,
        {payment.id, to_string(payment.state), payment.query_count, payment.next_query_at}
    );
}

std::vector<PaymentId> take_due(
    sql::Transaction& tx, std::string_view provider, Time now, std::size_t limit, Time lease_end
) {
    return tx.all(queries::take_due, {provider, now, limit, lease_end}, id_of);
}

void keep_notification(sql::Transaction& tx, const NotificationRow& row) {
    const auto body = std::as_bytes(std::span{row.body.data(), row.body.size()});
    tx.execute(
        queries::store_notification,
        {row.provider, row.id, row.received_at, row.headers, body, row.verdict, row.payment}
    );
}

std::vector<Payment> list(
    sql::Reader& reader, const Filter& filter, std::int64_t limit, std::int64_t offset
) {
    return reader.all(
        queries::list_payments, {filter.state, filter.flag, limit, offset}, payment_of
    );
}

std::int64_t count(sql::Reader& reader, const Filter& filter) {
    const auto number = [](const sql::Row& row) { return row.integer(0); };
    return reader.find(queries::count_payments, {filter.state, filter.flag}, number).value_or(0);
}

Backlog overdue(sql::Reader& reader, Time now) {
    return reader.find(queries::count_overdue, {Backlog::kCountMax, now}, backlog_of).value();
}

Backlog refunds_due(sql::Reader& reader) {
    return reader.find(queries::count_refunds_due, {Backlog::kCountMax}, backlog_of).value();
}

}  // namespace doorbuster::payments::store
