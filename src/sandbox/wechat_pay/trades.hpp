#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/money.hpp"
#include "ports/database.hpp"
#include "sandbox/common/books.hpp"

// The simulated WeChat Pay's books: trades and refunds. All functions work inside a caller's
// transaction.
namespace doorbuster::sandbox::wechat_pay {

inline constexpr std::string_view kProvider = "wechat_pay";

struct Trade {
    std::string out_trade_no;
    std::string request;
    std::string description;
    std::optional<std::string> attach;
    std::string notify_url;
    Money total;
    std::string state;  // NOTPAY, SUCCESS, REFUND, CLOSED
    std::string code;   // the pr of its code_url
    Time code_expires_at;
    Time created_at;
    Time expires_at;  // the last moment to pay
    std::string transaction_id;
    std::string payer;
    Money payer_total;  // without what coupons paid
    Money fee;
    std::optional<Time> paid_at;

    bool is_paid() const { return paid_at.has_value(); }
};

struct Refund {
    std::string out_refund_no;
    std::string request;
    std::string refund_id;
    std::string out_trade_no;
    Money amount;
    Money payer_refund;
    Money fee_back;
    std::string reason;
    std::string notify_url;
    std::string state;    // PROCESSING, SUCCESS, CLOSED, ABNORMAL
    std::string outcome;  // what it comes to when it is due
    Time created_at;
    std::optional<Time> due_at;
    std::optional<Time> settled_at;
};

void create_tables(sql::Transaction& tx);

std::optional<Trade> find_trade(sql::Reader& reader, std::string_view out_trade_no);
std::optional<Trade> find_trade_by_transaction(sql::Reader& reader, std::string_view id);
std::optional<Trade> find_trade_by_code(sql::Reader& reader, std::string_view code);
// Those that a buyer could pay at `now`, newest first, at most 100.
std::vector<Trade> list_payable(sql::Reader& reader, Time now);
// All, by number, from behind `after`; at most `limit`.
std::vector<Trade> list_trades(sql::Reader& reader, std::string_view after, std::int64_t limit);
std::vector<Trade> list_paid(sql::Reader& reader, DaySpan span, std::int64_t limit);

void insert_trade(sql::Transaction& tx, const Trade& trade);
void renew_code(
    sql::Transaction& tx, std::string_view out_trade_no, std::string_view code, Time expires_at
);
// False: it is not NOTPAY any more.
bool close_trade(sql::Transaction& tx, std::string_view out_trade_no);
// Writes what is known since the payment, and its entries. False: it is paid already.
bool pay_trade(sql::Transaction& tx, const Trade& paid);

std::optional<Refund> find_refund(sql::Reader& reader, std::string_view out_refund_no);
std::optional<Refund> find_due_refund(sql::Reader& reader, Time now);
std::vector<Refund> list_refunds_of(sql::Reader& reader, std::string_view out_trade_no);
std::vector<Refund> list_refunds(sql::Reader& reader, std::string_view after, std::int64_t limit);
// By the time they were accepted.
std::vector<Refund> list_accepted_refunds(sql::Reader& reader, DaySpan span, std::int64_t limit);
// With its entries; the trade is one with refunds from now on.
void insert_refund(sql::Transaction& tx, const Refund& refund);
// From PROCESSING or ABNORMAL to another state; a closed one gives the merchant the money back.
// False: it is final already.
bool settle_refund(sql::Transaction& tx, const Refund& refund, std::string_view state, Time now);

// Payments of a span, in what orders were for; and refunds asked for in it, by state.
EntrySum sum_paid(sql::Reader& reader, DaySpan span);
std::vector<EntrySum> sum_refunds(sql::Reader& reader, DaySpan span);

}  // namespace doorbuster::sandbox::wechat_pay
