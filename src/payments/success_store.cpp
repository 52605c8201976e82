#include "payments/success_store.hpp"

#include <array>
#include <boost/json.hpp>

#include "payments/sql.hpp"

namespace doorbuster::payments::store {
namespace {

using Column = sql::BulkInsert::Column;
using sql::ColumnType;

constexpr std::array kNotificationColumns{
    Column{"provider", ColumnType::text},
    Column{"notification_id", ColumnType::text},
    Column{"received_at", ColumnType::integer},
    Column{"headers", ColumnType::text},
    Column{"body", ColumnType::bytes},
    Column{"verdict", ColumnType::text},
    Column{"payment_id", ColumnType::integer}};
// What is written twice keeps its first verdict or not by the rule of store_notification.
constexpr sql::BulkInsert kInsertNotifications{
    "payments.store_notifications",
    "payment_notifications",
    kNotificationColumns,
    "ON CONFLICT (provider, notification_id) DO UPDATE "
    "SET verdict = excluded.verdict, payment_id = excluded.payment_id "
    "WHERE payment_notifications.verdict IN ('suspect', 'unknown_order', 'unknown_refund')"};

std::string list_of(std::span<const std::string_view> texts) {
    return boost::json::serialize(boost::json::array(texts.begin(), texts.end()));
}

void require_all(std::int64_t rows, std::span<const Success> successes) {
    if (rows == static_cast<std::int64_t>(successes.size())) return;
    throw sql::Error{"payments: some of a batch changed meanwhile"};
}

}  // namespace

std::vector<KnownReference> lock_references(
    sql::Transaction& tx,
    std::string_view provider,
    std::string_view merchant,
    std::span<const std::string_view> out_trade_nos
) {
    const auto read = [](const sql::Row& row) {
        const Reference known{row.optional_time(2), row.optional_string(3).value_or("")};
        return KnownReference{row.string(0), row.string(1), known};
    };
    return tx.all(queries::lock_references, {provider, merchant, list_of(out_trade_nos)}, read);
}

std::vector<Payment> of_references(
    sql::Reader& reader,
    std::string_view provider,
    std::string_view merchant,
    std::span<const std::string_view> out_trade_nos
) {
    const std::string list = list_of(out_trade_nos);
    return reader.all(queries::find_of_references, {provider, merchant, list}, payment_of);
}

std::vector<std::string> known_transactions(
    sql::Reader& reader, std::string_view provider, std::span<const std::string_view> transactions
) {
    const auto read = [](const sql::Row& row) { return row.string(0); };
    return reader.all(queries::find_transactions, {provider, list_of(transactions)}, read);
}

void mark_paid(sql::Transaction& tx, std::span<const Success> successes) {
    boost::json::array rows;
    for (const auto& [paid, from] : successes) {
        rows.push_back(boost::json::array{
            paid.id.value(),
            to_string(from),
            paid.transaction.value(),
            to_milliseconds(paid.paid_at.value())});
    }
    require_all(tx.execute(queries::mark_paid, {boost::json::serialize(rows)}), successes);
}

void answer_succeeded(sql::Transaction& tx, std::span<const Success> successes) {
    boost::json::array rows;
    for (const auto& [paid, from] : successes) {
        rows.push_back(boost::json::array{paid.app, paid.reference});
    }
    require_all(tx.execute(queries::answer_succeeded, {boost::json::serialize(rows)}), successes);
}

void keep_notifications(sql::Transaction& tx, std::span<const NotificationRow> rows) {
    std::vector<sql::Param> values;
    values.reserve(rows.size() * kNotificationColumns.size());
    for (const NotificationRow& row : rows) {
        const auto body = std::as_bytes(std::span{row.body.data(), row.body.size()});
        values.insert(
            values.end(),
            {row.provider, row.id, row.received_at, row.headers, body, row.verdict, row.payment}
        );
    }
    tx.insert_many(kInsertNotifications, values);
}

}  // namespace doorbuster::payments::store
