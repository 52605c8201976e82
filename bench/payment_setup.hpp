#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/postgres/postgres_database.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "pay_parties.hpp"
#include "ports/database.hpp"

// Payments as a database has them, written by the product's own bulk inserts; not measured.
namespace doorbuster::setup {

// A name with "=" in it says how to reach a PostgreSQL database; any other is a file of SQLite.
// `hasty`: for filling it, when a power cut may take everything.
inline std::unique_ptr<sql::Database> open(const std::string& name, bool hasty = false) {
    if (name.find('=') == name.npos) {
        sqlite::SqliteOptions options;
        options.file = name;
        if (hasty) {
            options.durable = false;
            options.checkpoint_pages = 100'000;
            options.wal_alarm_bytes = std::int64_t{1} << 40;
        }
        return std::make_unique<sqlite::SqliteDatabase>(options);
    }
    postgres::PostgresOptions options;
    options.conninfo = name;
    return std::make_unique<postgres::PostgresDatabase>(options);
}

// Of an order system of its own, so that no order of the shop is looked for.
inline constexpr std::string_view kApp = "bench";

using sql::ColumnType;
using Column = sql::BulkInsert::Column;

inline constexpr Column kReferenceColumns[] = {
    {"app", ColumnType::text},
    {"reference", ColumnType::text},
    {"created_at", ColumnType::integer},
    {"answered", ColumnType::text}};
inline constexpr sql::BulkInsert kInsertReferences{
    "bench.references", "payment_references", kReferenceColumns};
inline constexpr Column kPaymentColumns[] = {
    {"id", ColumnType::integer},
    {"app", ColumnType::text},
    {"reference", ColumnType::text},
    {"owner", ColumnType::text},
    {"provider", ColumnType::text},
    {"merchant", ColumnType::text},
    {"seller", ColumnType::text},
    {"out_trade_no", ColumnType::text},
    {"transaction_id", ColumnType::text},
    {"state", ColumnType::text},
    {"amount", ColumnType::integer},
    {"currency", ColumnType::text},
    {"description", ColumnType::text},
    {"code_url", ColumnType::text},
    {"created_at", ColumnType::integer},
    {"expires_at", ColumnType::integer},
    {"paid_at", ColumnType::integer},
    {"next_query_at", ColumnType::integer}};
inline constexpr sql::BulkInsert kInsertPayments{"bench.payments", "payments", kPaymentColumns};

struct Batch {
    bench::Provider provider = bench::Provider::wechat_pay;
    std::int64_t first = 1;  // the number of the first; also its id
    std::int64_t count = 0;
    bool paid = false;
    Time at{};  // when they were begun, and the first of them paid
};

// When a payment of a batch was paid: they come one every 40 ms, a million in 11 hours.
inline Time paid_at(const Batch& batch, std::int64_t number) {
    return batch.at + Milliseconds{40 * (number - batch.first)};
}

inline void add(sql::Transaction& tx, const Batch& batch, std::int64_t first, std::int64_t end) {
    const std::string merchant = bench::Parties::merchant_of(batch.provider);
    const std::string seller = bench::Parties::seller_of(batch.provider);
    const std::string_view provider = bench::name_of(batch.provider);
    std::vector<bench::Trade> trades;
    for (std::int64_t number = first; number < end; ++number) trades.emplace_back(number);
    std::vector<sql::Param> references;
    std::vector<sql::Param> payments;
    const Time expires = batch.at + std::chrono::hours{24};
    for (const bench::Trade& trade : trades) {
        const sql::Param nothing{std::nullopt};
        const sql::Param answered = batch.paid ? sql::Param{"succeeded"} : nothing;
        references.insert(references.end(), {kApp, trade.reference, batch.at, answered});
        const Time paid = paid_at(batch, trade.number);
        const std::initializer_list<sql::Param> payment{
            trade.number,
            kApp,
            trade.reference,
            "u4711",
            provider,
            merchant,
            seller,
            trade.out_trade_no,
            batch.paid ? sql::Param{trade.transaction} : nothing,
            batch.paid ? "paid" : "pending",
            trade.amount,
            "CNY",
            "手冲咖啡壶 Pour-over kettle",
            "weixin://wxpay/bizpayurl?pr=bench",
            batch.at,
            expires,
            batch.paid ? sql::Param{paid} : nothing,
            batch.paid ? nothing : sql::Param{expires}};
        payments.insert(payments.end(), payment);
    }
    tx.insert_many(kInsertReferences, references);
    tx.insert_many(kInsertPayments, payments);
}

inline void make_payments(sql::Database& database, const Batch& batch) {
    constexpr std::int64_t kAtOnce = 5'000;
    const std::int64_t end = batch.first + batch.count;
    for (std::int64_t first = batch.first; first < end; first += kAtOnce) {
        database.write_blocking([&](sql::Transaction& tx) {
            add(tx, batch, first, std::min(end, first + kAtOnce));
        });
    }
}

}  // namespace doorbuster::setup
