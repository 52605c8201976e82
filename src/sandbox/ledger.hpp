#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/money.hpp"
#include "ports/database.hpp"

// The simulator's books: trades and the notifications of them. All functions work inside a caller's
// transaction.
namespace doorbuster::sandbox {

struct Trade {
    std::string out_trade_no;
    std::string request;
    std::string description;
    std::optional<std::string> attach;
    std::string notify_url;
    Money total;
    std::string state;  // NOTPAY, SUCCESS, CLOSED
    std::string code;   // the pr of its code_url
    Time code_expires_at;
    Time created_at;
    Time expires_at;  // the last moment to pay
    std::string transaction_id;
    std::string payer;
    Money payer_total;
    std::optional<Time> paid_at;
};

struct DueNotification {
    std::int64_t id = 0;
    std::string event_id;
    Time created_at;
    int attempts = 0;  // this one included
    Trade trade;
};

// Creates the tables that are not there yet, in a SQLite database of the simulator's own. Blocks.
void create_tables(sql::Database& database);

std::optional<Trade> find_trade(sql::Reader& reader, std::string_view out_trade_no);
std::optional<Trade> find_trade_by_transaction(sql::Reader& reader, std::string_view id);
std::optional<Trade> find_trade_by_code(sql::Reader& reader, std::string_view code);
// Those that a buyer could pay at `now`, newest first, at most 100.
std::vector<Trade> list_payable(sql::Reader& reader, Time now);

void insert_trade(sql::Transaction& tx, const Trade& trade);
void renew_code(
    sql::Transaction& tx, std::string_view out_trade_no, std::string_view code, Time expires_at
);
// False: it is not NOTPAY any more.
bool close_trade(sql::Transaction& tx, std::string_view out_trade_no);
// Writes transaction_id, payer, payer_total and paid_at. False: it is not NOTPAY any more.
bool pay_trade(sql::Transaction& tx, const Trade& paid);

void insert_notification(
    sql::Transaction& tx,
    std::string_view event_id,
    std::string_view out_trade_no,
    Time created_at,
    Time due_at
);
// The notification that is due longest, not due again before `lease_end`: if this process dies
// while delivering, another delivers it then.
std::optional<DueNotification> claim_notification(sql::Transaction& tx, Time now, Time lease_end);
void accept_notification(sql::Transaction& tx, std::int64_t id, Time now);
// Nothing: never again.
void postpone_notification(sql::Transaction& tx, std::int64_t id, std::optional<Time> due_at);

}  // namespace doorbuster::sandbox
