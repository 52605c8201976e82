#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/money.hpp"
#include "ports/database.hpp"
#include "sandbox/common/books.hpp"

// The simulated Alipay's books: pages, trades and refunds. All functions work inside a caller's
// transaction.
namespace doorbuster::sandbox::alipay {

inline constexpr std::string_view kProvider = "alipay";

// What the merchant wants to be paid, as its signed page said.
struct Terms {
    std::string out_trade_no;
    Money total;
    std::string subject;
    std::string body;
    std::string passback_params;
    std::string notify_url;
    std::string return_url;  // of pages only
    bool certified = false;  // certificate mode
    Time created_at;
    Time expires_at;
};

struct Page {
    std::string token;
    Terms terms;
};

struct Trade {
    std::string trade_no;
    Terms terms;
    std::string buyer;
    std::string buyer_id;
    std::string state;  // WAIT_BUYER_PAY, TRADE_SUCCESS, TRADE_FINISHED, TRADE_CLOSED
    Money payer_total;  // without what coupons paid
    Money fee;
    std::optional<Time> paid_at;
    std::optional<Time> closed_at;

    bool is_paid() const { return paid_at.has_value(); }
};

struct Refund {
    std::string out_trade_no;
    std::string out_request_no;
    Money amount;
    Money payer_refund;
    Money fee_back;
    std::string reason;
    Time created_at;
    std::optional<Time> due_at;      // the money has not moved yet
    std::optional<Time> settled_at;  // it has
};

// What the refunds of a trade have taken of it. With or without those that have not moved.
struct Refunded {
    Money amount;
    Money payer_refund;
    Money fee_back;
};
Refunded sum_of(const std::vector<Refund>& refunds, bool settled_only);

void create_tables(sql::Transaction& tx);

void insert_page(sql::Transaction& tx, const Page& page);
std::optional<Page> find_page(sql::Reader& reader, std::string_view token);
std::optional<Page> find_first_page(sql::Reader& reader, std::string_view out_trade_no);
// Those that a buyer could pay at, newest first, at most 100.
std::vector<Page> list_open_pages(sql::Reader& reader, Time now);

void insert_trade(sql::Transaction& tx, const Trade& trade);
std::optional<Trade> find_trade(sql::Reader& reader, std::string_view out_trade_no);
// By Alipay's number if there is one, else by the merchant's. Closes it if its time is over.
std::optional<Trade> find_current(
    sql::Transaction& tx, std::string_view out_trade_no, std::string_view trade_no, Time now
);
std::vector<Trade> list_trades(sql::Reader& reader, std::string_view after, std::int64_t limit);
std::vector<Trade> list_paid(sql::Reader& reader, DaySpan span, std::int64_t limit);
// False: it is not WAIT_BUYER_PAY any more.
bool close_trade(sql::Transaction& tx, std::string_view out_trade_no, Time now);
// Writes what is known since the payment, and its entries. False: it is paid already.
bool pay_trade(sql::Transaction& tx, const Trade& paid);
// From TRADE_SUCCESS.
bool finish_trade(sql::Transaction& tx, std::string_view out_trade_no, Time now);

std::vector<Refund> list_refunds_of(sql::Reader& reader, std::string_view out_trade_no);
std::vector<Refund> list_refunds(sql::Reader& reader, std::string_view after, std::int64_t limit);
// By the time that the money moved.
std::vector<Refund> list_settled_refunds(sql::Reader& reader, DaySpan span, std::int64_t limit);
std::optional<Refund> find_due_refund(sql::Reader& reader, Time now);
// With its entries and the trade's state, if it has moved.
void insert_refund(sql::Transaction& tx, const Refund& refund);
// False: it has moved already.
bool settle_refund(sql::Transaction& tx, const Refund& refund, Time now);

// Payments of a span, in what orders were for; and refunds asked for in it, by state.
EntrySum sum_paid(sql::Reader& reader, DaySpan span);
std::vector<EntrySum> sum_refunds(sql::Reader& reader, DaySpan span);

}  // namespace doorbuster::sandbox::alipay
