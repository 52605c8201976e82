#include "adapters/wechat_pay/refund_messages.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "adapters/pay_wire/strict_json.hpp"
#include "adapters/wechat_pay/json_parts.hpp"
#include "core/utf8.hpp"

namespace doorbuster::wechat_pay {

using pay_wire::integer_of;
using pay_wire::object_of;
using pay_wire::token_of;

namespace {

namespace json = boost::json;
using State = ProviderRefund::State;

constexpr std::size_t kReasonBytesMax = 80;

State state_of(std::string_view name) {
    if (name == "PROCESSING") return State::processing;
    if (name == "SUCCESS") return State::succeeded;
    if (name == "CLOSED") return State::failed;
    if (name == "ABNORMAL") return State::abnormal;
    return State::unknown;
}

std::optional<ProviderRefund> read(const json::object& from, std::string_view state_name) {
    const auto state = token_of(from, state_name, 32);
    const auto number = token_of(from, "out_refund_no", 64);
    const auto id = token_of(from, "refund_id", 32);
    const auto out_trade_no = token_of(from, "out_trade_no", 32);
    const auto transaction = token_of(from, "transaction_id", 32);
    const json::object* amount = object_of(from, "amount");
    const auto refunded = amount ? integer_of(*amount, "refund") : std::nullopt;
    const bool whole = state && number && id && out_trade_no && transaction && refunded;
    if (!whole || *refunded < 0) return std::nullopt;

    ProviderRefund refund;
    refund.state = state_of(*state);
    refund.out_refund_no = *number;
    refund.refund_id = *id;
    refund.out_trade_no = *out_trade_no;
    refund.transaction_id = *transaction;
    refund.amount = Money::fen(*refunded);
    const auto time = token_of(from, "success_time", 64);
    if (refund.state == State::succeeded && time) refund.succeeded_at = from_rfc3339(*time);
    return refund;
}

}  // namespace

std::string refund_body(const ProviderRefundOrder& order, std::string_view notify_url) {
    json::object body;
    // Either names the trade; the transaction is the one that cannot be another merchant's.
    if (order.transaction_id.empty()) {
        body.emplace("out_trade_no", view(order.out_trade_no));
    } else {
        body.emplace("transaction_id", view(order.transaction_id));
    }
    body.emplace("out_refund_no", view(order.out_refund_no));
    const auto reason = cut_utf8(order.reason, kReasonBytesMax);
    if (!reason.empty()) body.emplace("reason", view(reason));
    body.emplace("notify_url", view(notify_url));
    body.emplace(
        "amount",
        json::object{
            {"refund", order.amount.fen()},
            {"total", order.paid.fen()},
            {"currency", view(kCurrency)}}
    );
    return json::serialize(body);
}

std::optional<ProviderRefund> parse_refund(std::string_view body) {
    const auto object = parse_object(body);
    return object ? read(*object, "status") : std::nullopt;
}

std::optional<NotifiedRefund> parse_notified_refund(std::string_view plaintext) {
    const auto object = parse_object(plaintext);
    const auto merchant = object ? token_of(*object, "mchid", 32) : std::nullopt;
    auto refund = object ? read(*object, "refund_status") : std::nullopt;
    if (!merchant || !refund) return std::nullopt;
    return NotifiedRefund{*merchant, std::move(*refund)};
}

bool is_out_refund_no(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               std::string_view{"_-|*@"}.find(c) != std::string_view::npos;
    };
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace doorbuster::wechat_pay
