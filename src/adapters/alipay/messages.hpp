#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/alipay/form.hpp"
#include "core/clock.hpp"
#include "ports/payment_bills.hpp"
#include "ports/payment_provider.hpp"
#include "ports/payment_refunds.hpp"

// What is said to Alipay and what it says: `biz_content`, the nodes of answers, notifications.
// Readers take what was verified, ignore what they do not know, never throw, and answer nothing
// when a part they need is missing or malformed. Empty and absent are the same.
namespace doorbuster::alipay {

// ---- biz_content ----

// The time to pay ends with the order, or in fifteen days, which is as long as Alipay allows.
std::string page_pay_content(const ProviderOrder& order, Time now);
std::string trade_content(std::string_view out_trade_no);
std::string refund_content(const ProviderRefundOrder& order);
std::string refund_query_content(const ProviderRefundOrder& order);
std::string bill_content(BillKind kind, std::chrono::year_month_day day);
std::string certificate_content(std::string_view sn);

// A title as Alipay takes it: control characters and / = & < > " ' \ , become spaces, which are
// then collapsed; cut to 256 bytes between characters. `otherwise` when nothing is left.
std::string subject_of(std::string_view description, std::string_view otherwise);

// 1 to 64 letters, digits and underscores.
bool is_out_trade_no(std::string_view text);
// 0.01 to 100 million yuan.
bool is_payable(Money amount);

// ---- nodes of answers ----

struct Result {
    std::string code;      // "10000": done
    std::string sub_code;  // of failures: "ACQ.TRADE_NOT_EXIST"
    std::string message;
};
// Of any node; empty texts when it has none.
Result parse_result(std::string_view node);

// Of alipay.trade.query with code 10000. Merchant and seller are not in it. What was paid has a
// trade number and an amount.
std::optional<ProviderTrade> parse_trade(std::string_view node);

// Of alipay.trade.close: which trade it is about.
std::optional<std::string> parse_closed(std::string_view node);

// Of alipay.trade.refund with code 10000: succeeded only when this very call moved money, else
// processing, which a query decides. Its amount is not told: refund_fee is of the whole trade.
std::optional<ProviderRefund> parse_refund(std::string_view node);
// Of alipay.trade.fastpay.refund.query with code 10000: succeeded by refund_status alone. An answer
// that names no refund at all is `not_exist`.
std::optional<ProviderRefund> parse_refund_query(std::string_view node);

struct BillAddress {
    bool empty = false;  // nothing happened that day
    std::string url;
};
std::optional<BillAddress> parse_bill_address(std::string_view node);

// The PEM text of alipay.open.app.alipaycert.download.
std::optional<std::string> parse_certificate_content(std::string_view node);

// ---- notifications ----

// Of a verified form. Not a payment when it tells of a refund, whatever its trade_status.
std::optional<ProviderNotification> read_notification(const Params& params);

// What a browser brings back. It has no state and proves none.
struct Return {
    std::string out_trade_no;
    std::string transaction_id;
};
std::optional<Return> read_return(const Params& params);

}  // namespace doorbuster::alipay
