#include "adapters/alipay/messages.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "adapters/alipay/beijing_time.hpp"
#include "adapters/pay_wire/base64.hpp"
#include "adapters/pay_wire/strict_json.hpp"
#include "core/utf8.hpp"

namespace doorbuster::alipay {

using pay_wire::parse_strict;
using pay_wire::text_of;
using pay_wire::token_of;

namespace {

namespace json = boost::json;
using State = ProviderTrade::State;

constexpr std::size_t kSubjectBytesMax = 256;
constexpr std::size_t kReasonBytesMax = 256;
constexpr std::size_t kNumberMax = 64;
constexpr std::size_t kUrlBytesMax = 2048;
constexpr std::size_t kCertificateBytesMax = 64 * 1024;
constexpr Milliseconds kPayableFor = std::chrono::hours{24 * 15};
constexpr std::string_view kEmptyBill = "EMPTY_DATA_WITH_BILL_FILE";

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

std::string write(const json::object& object) { return json::serialize(object); }

std::optional<json::object> object_in(std::string_view node) {
    auto value = parse_strict(node);
    if (!value || !value->is_object()) return std::nullopt;
    return std::move(value->get_object());
}

std::string token_or_empty(const json::object& object, std::string_view name) {
    return token_of(object, name, kNumberMax).value_or("");
}

std::optional<Money> money_of(const json::object& object, std::string_view name) {
    const auto text = token_of(object, name, kNumberMax);
    return text ? Money::from_yuan(*text) : std::nullopt;
}

std::optional<Time> time_of(const json::object& object, std::string_view name) {
    const auto text = text_of(object, name, kNumberMax);
    return text ? from_beijing_time(*text) : std::nullopt;
}

State state_of(std::string_view status) {
    if (status == "WAIT_BUYER_PAY") return State::not_paid;
    if (status == "TRADE_SUCCESS" || status == "TRADE_FINISHED") return State::paid;
    if (status == "TRADE_CLOSED") return State::closed;
    return State::unknown;
}

// TRADE_CLOSED is said of trades that nobody paid and of trades that were refunded in full.
bool was_paid(const json::object& node) {
    for (const char* name : {"buyer_pay_amount", "receipt_amount", "invoice_amount"}) {
        const auto amount = money_of(node, name);
        if (amount && *amount > Money{}) return true;
    }
    return text_of(node, "send_pay_date", kNumberMax).has_value();
}

bool is_plain(std::string_view text, std::size_t max) {
    return !text.empty() && text.size() <= max &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
}

bool is_title_byte(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > ' ' && byte != 127 &&
           std::string_view{"/=&<>\"'\\,"}.find(c) == std::string_view::npos;
}

// A refund event comes dressed as a payment or a close.
bool tells_of_refund(const Params& params, const std::optional<Money>& refunded) {
    return !value_of(params, "gmt_refund").empty() || !value_of(params, "out_biz_no").empty() ||
           (refunded && !refunded->is_zero());
}

ProviderRefund refund_in(const Params& params, const ProviderTrade& trade) {
    ProviderRefund refund;  // its state is to be queried
    refund.out_refund_no = value_of(params, "out_biz_no");
    refund.out_trade_no = trade.out_trade_no;
    refund.transaction_id = trade.transaction_id;
    refund.succeeded_at = from_beijing_time(value_of(params, "gmt_refund"));
    return refund;
}

}  // namespace

std::string subject_of(std::string_view description, std::string_view otherwise) {
    std::string title;
    for (const char c : description) {
        if (is_title_byte(c)) {
            title += c;
        } else if (!title.empty() && title.back() != ' ') {
            title += ' ';
        }
    }
    title = cut_utf8(title, kSubjectBytesMax);
    if (title.ends_with(' ')) title.pop_back();
    return title.empty() ? std::string{otherwise} : title;
}

bool is_out_trade_no(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '_';
    };
    return !text.empty() && text.size() <= kNumberMax &&
           std::all_of(text.begin(), text.end(), allowed);
}

bool is_payable(Money amount) {
    return amount >= Money::fen(1) && amount <= Money::fen(10'000'000'000);
}

std::string page_pay_content(const ProviderOrder& order, Time now) {
    const Time expires = std::min(order.expires_at, now + kPayableFor);
    return write({
        {"out_trade_no", view(order.out_trade_no)},
        {"product_code", "FAST_INSTANT_TRADE_PAY"},
        {"total_amount", view(order.amount.to_yuan())},
        {"subject", view(subject_of(order.description, order.out_trade_no))},
        {"time_expire", view(to_beijing_time(expires))},
        {"qr_pay_mode", "2"},
    });
}

std::string trade_content(std::string_view out_trade_no) {
    return write({{"out_trade_no", view(out_trade_no)}});
}

std::string refund_content(const ProviderRefundOrder& order) {
    json::object content{
        {"out_trade_no", view(order.out_trade_no)},
        {"refund_amount", view(order.amount.to_yuan())},
        {"out_request_no", view(order.out_refund_no)},
    };
    const auto reason = cut_utf8(order.reason, kReasonBytesMax);
    if (!reason.empty()) content["refund_reason"] = view(reason);
    return write(content);
}

std::string refund_query_content(const ProviderRefundOrder& order) {
    const json::array options{"gmt_refund_pay"};
    return write({
        {"out_trade_no", view(order.out_trade_no)},
        {"out_request_no", view(order.out_refund_no)},
        {"query_options", options},
    });
}

std::string bill_content(BillKind kind, std::chrono::year_month_day day) {
    return write({
        {"bill_type", kind == BillKind::trade ? "trade" : "signcustomer"},
        {"bill_date", view(to_text(day))},
    });
}

std::string certificate_content(std::string_view sn) {
    return write({{"alipay_cert_sn", view(sn)}});
}

Result parse_result(std::string_view node) {
    const auto object = object_in(node);
    if (!object) return {};
    Result result;
    result.code = token_or_empty(*object, "code");
    result.sub_code = token_of(*object, "sub_code", 128).value_or("");
    const auto message = text_of(*object, "sub_msg", 1024);
    result.message = message ? *message : text_of(*object, "msg", 1024).value_or("");
    return result;
}

std::optional<ProviderTrade> parse_trade(std::string_view node) {
    const auto object = object_in(node);
    if (!object) return std::nullopt;
    const auto number = token_of(*object, "out_trade_no", kNumberMax);
    const auto status = token_of(*object, "trade_status", 32);
    const auto amount = money_of(*object, "total_amount");
    if (!number || !status) return std::nullopt;

    ProviderTrade trade;
    trade.out_trade_no = *number;
    trade.transaction_id = token_or_empty(*object, "trade_no");
    trade.state = state_of(*status);
    if (trade.state == State::closed && was_paid(*object)) trade.state = State::refunded;
    const bool paid = trade.state == State::paid || trade.state == State::refunded;
    if (paid && (!amount || trade.transaction_id.empty())) return std::nullopt;
    trade.amount = amount.value_or(Money{});
    trade.currency = kCurrency;
    if (paid) trade.paid_at = time_of(*object, "send_pay_date");
    return trade;
}

std::optional<std::string> parse_closed(std::string_view node) {
    const auto object = object_in(node);
    return object ? token_of(*object, "out_trade_no", kNumberMax) : std::nullopt;
}

std::optional<ProviderRefund> parse_refund(std::string_view node) {
    const auto object = object_in(node);
    const auto number = object ? token_of(*object, "out_trade_no", kNumberMax) : std::nullopt;
    if (!number) return std::nullopt;
    ProviderRefund refund;
    refund.out_trade_no = *number;
    refund.transaction_id = token_or_empty(*object, "trade_no");
    const bool moved = token_or_empty(*object, "fund_change") == "Y";
    refund.state = moved ? ProviderRefund::State::succeeded : ProviderRefund::State::processing;
    if (moved) refund.succeeded_at = time_of(*object, "gmt_refund_pay");
    return refund;
}

std::optional<ProviderRefund> parse_refund_query(std::string_view node) {
    const auto object = object_in(node);
    if (!object) return std::nullopt;
    ProviderRefund refund;
    refund.out_refund_no = token_or_empty(*object, "out_request_no");
    refund.out_trade_no = token_or_empty(*object, "out_trade_no");
    refund.transaction_id = token_or_empty(*object, "trade_no");
    const std::string status = token_or_empty(*object, "refund_status");
    if (status == "REFUND_SUCCESS") {
        refund.state = ProviderRefund::State::succeeded;
        refund.amount = money_of(*object, "refund_amount");
        refund.succeeded_at = time_of(*object, "gmt_refund_pay");
        const bool whole = refund.amount && !refund.out_refund_no.empty();
        return whole ? std::optional{refund} : std::nullopt;
    }
    if (status.empty()) {
        refund.state = refund.out_refund_no.empty() ? ProviderRefund::State::not_exist
                                                    : ProviderRefund::State::processing;
    }
    return refund;
}

std::optional<BillAddress> parse_bill_address(std::string_view node) {
    const auto object = object_in(node);
    if (!object) return std::nullopt;
    if (token_or_empty(*object, "bill_file_code") == kEmptyBill) return BillAddress{true, {}};
    auto url = token_of(*object, "bill_download_url", kUrlBytesMax);
    return url ? std::optional{BillAddress{false, std::move(*url)}} : std::nullopt;
}

std::optional<std::string> parse_certificate_content(std::string_view node) {
    const auto object = object_in(node);
    const auto text =
        object ? token_of(*object, "alipay_cert_content", kCertificateBytesMax) : std::nullopt;
    return text ? pay_wire::from_base64(*text) : std::nullopt;
}

std::optional<ProviderNotification> read_notification(const Params& params) {
    const auto id = value_of(params, "notify_id");
    const auto number = value_of(params, "out_trade_no");
    if (!is_plain(id, 128) || !is_plain(number, kNumberMax)) return std::nullopt;

    ProviderNotification notification;
    notification.id = id;
    ProviderTrade& trade = notification.trade;
    trade.out_trade_no = number;
    trade.merchant = value_of(params, "seller_id");
    trade.seller = value_of(params, "app_id");
    trade.currency = kCurrency;
    if (value_of(params, "notify_type") != "trade_status_sync") return notification;

    const auto transaction = value_of(params, "trade_no");
    const auto refund_fee = value_of(params, "refund_fee");
    const auto amount = Money::from_yuan(value_of(params, "total_amount"));
    const auto refunded = Money::from_yuan(refund_fee);
    if (!is_plain(transaction, kNumberMax)) return std::nullopt;
    if (!refund_fee.empty() && !refunded) return std::nullopt;
    trade.transaction_id = transaction;
    trade.amount = amount.value_or(Money{});
    trade.state = state_of(value_of(params, "trade_status"));
    if (tells_of_refund(params, refunded)) {
        trade.state = State::refunded;
        notification.refund = refund_in(params, trade);
        return notification;
    }
    notification.is_payment = true;
    if (trade.state != State::paid) return notification;
    if (!amount) return std::nullopt;
    trade.paid_at = from_beijing_time(value_of(params, "gmt_payment"));
    return notification;
}

std::optional<Return> read_return(const Params& params) {
    const auto number = value_of(params, "out_trade_no");
    const auto transaction = value_of(params, "trade_no");
    if (value_of(params, "method") != "alipay.trade.page.pay.return") return std::nullopt;
    if (!is_plain(number, kNumberMax) || !is_plain(transaction, kNumberMax)) return std::nullopt;
    return Return{std::string{number}, std::string{transaction}};
}

}  // namespace doorbuster::alipay
