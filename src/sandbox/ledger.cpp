#include "sandbox/ledger.hpp"

#include "core/assert.hpp"
#include "sandbox/sql.hpp"

namespace doorbuster::sandbox {

namespace {

constexpr int kListMax = 100;

Trade read_trade(const sql::Row& row) {
    return {
        .out_trade_no = row.string(0),
        .request = row.string(1),
        .description = row.string(2),
        .attach = row.optional_string(3),
        .notify_url = row.string(4),
        .total = row.money(5),
        .state = row.string(6),
        .code = row.string(7),
        .code_expires_at = row.time(8),
        .created_at = row.time(9),
        .expires_at = row.time(10),
        .transaction_id = row.optional_string(11).value_or(""),
        .payer = row.optional_string(12).value_or(""),
        .payer_total = row.optional_money(13).value_or(Money{}),
        .paid_at = row.optional_time(14),
    };
}

}  // namespace

void create_tables(sql::Database& database) {
    database.write_blocking([](sql::Transaction& tx) {
        tx.execute(queries::create_trades, {});
        tx.execute(queries::create_unpaid_index, {});
        tx.execute(queries::create_notifications, {});
        tx.execute(queries::create_due_index, {});
    });
}

std::optional<Trade> find_trade(sql::Reader& reader, std::string_view out_trade_no) {
    return reader.find(queries::find_trade, {out_trade_no}, read_trade);
}

std::optional<Trade> find_trade_by_transaction(sql::Reader& reader, std::string_view id) {
    return reader.find(queries::find_trade_by_transaction, {id}, read_trade);
}

std::optional<Trade> find_trade_by_code(sql::Reader& reader, std::string_view code) {
    return reader.find(queries::find_trade_by_code, {code}, read_trade);
}

std::vector<Trade> list_payable(sql::Reader& reader, Time now) {
    return reader.all(queries::list_payable, {now, kListMax}, read_trade);
}

void insert_trade(sql::Transaction& tx, const Trade& trade) {
    tx.execute(
        queries::insert_trade,
        {trade.out_trade_no,
         trade.request,
         trade.description,
         trade.attach,
         trade.notify_url,
         trade.total,
         trade.code,
         trade.code_expires_at,
         trade.created_at,
         trade.expires_at}
    );
}

void renew_code(
    sql::Transaction& tx, std::string_view out_trade_no, std::string_view code, Time expires_at
) {
    tx.execute(queries::renew_code, {out_trade_no, code, expires_at});
}

bool close_trade(sql::Transaction& tx, std::string_view out_trade_no) {
    return tx.execute(queries::close_trade, {out_trade_no}) == 1;
}

bool pay_trade(sql::Transaction& tx, const Trade& paid) {
    return tx.execute(
               queries::pay_trade,
               {paid.out_trade_no, paid.transaction_id, paid.payer, paid.payer_total, paid.paid_at}
           ) == 1;
}

void insert_notification(
    sql::Transaction& tx,
    std::string_view event_id,
    std::string_view out_trade_no,
    Time created_at,
    Time due_at
) {
    tx.execute(queries::insert_notification, {event_id, out_trade_no, created_at, due_at});
}

std::optional<DueNotification> claim_notification(sql::Transaction& tx, Time now, Time lease_end) {
    std::string out_trade_no;
    auto due = tx.find(queries::claim_notification, {now, lease_end}, [&](const sql::Row& row) {
        out_trade_no = row.string(2);
        DueNotification claimed;
        claimed.id = row.integer(0);
        claimed.event_id = row.string(1);
        claimed.created_at = row.time(3);
        claimed.attempts = static_cast<int>(row.integer(4));
        return claimed;
    });
    if (!due) return std::nullopt;
    auto trade = find_trade(tx, out_trade_no);
    DOORBUSTER_ASSERT(trade.has_value());  // a foreign key says so
    due->trade = std::move(*trade);
    return due;
}

void accept_notification(sql::Transaction& tx, std::int64_t id, Time now) {
    tx.execute(queries::accept_notification, {id, now});
}

void postpone_notification(sql::Transaction& tx, std::int64_t id, std::optional<Time> due_at) {
    tx.execute(queries::postpone_notification, {id, due_at});
}

}  // namespace doorbuster::sandbox
