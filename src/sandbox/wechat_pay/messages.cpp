#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "sandbox/common/text.hpp"
#include "sandbox/wechat_pay/gateway.hpp"

// What WeChat Pay says of trades and refunds, in answers and in notifications.
namespace doorbuster::sandbox::wechat_pay {

namespace {

namespace json = boost::json;
using std::chrono::seconds;

// The documented waits between deliveries: 15 of them, 24 h 4 m in all.
constexpr std::array kWaits{
    seconds{15},
    seconds{15},
    seconds{30},
    seconds{180},
    seconds{600},
    seconds{1200},
    seconds{1800},
    seconds{1800},
    seconds{1800},
    seconds{3600},
    seconds{10'800},
    seconds{10'800},
    seconds{10'800},
    seconds{21'600},
    seconds{21'600}};

constexpr std::string_view kAccount = "支付用户零钱";

std::string_view description_of(std::string_view state) {
    if (state == "SUCCESS") return "支付成功";
    if (state == "REFUND") return "转入退款";
    return state == "CLOSED" ? "订单已关闭" : "订单未支付";
}

std::string_view summary_of(std::string_view event_type) {
    if (event_type == "TRANSACTION.SUCCESS") return "支付成功";
    if (event_type == "REFUND.SUCCESS") return "退款成功";
    return event_type == "REFUND.CLOSED" ? "退款关闭" : "退款异常";
}

json::array promotions_of(const Trade& trade) {
    const Money coupon = trade.total - trade.payer_total;
    if (coupon.is_zero()) return {};
    return {json::object{
        {"coupon_id", "109519"},
        {"name", "演示立减"},
        {"scope", "GLOBAL"},
        {"type", "NOCASH"},
        {"amount", coupon.fen()},
        {"stock_id", "931386"},
        {"wechatpay_contribute", 0},
        {"merchant_contribute", coupon.fen()},
        {"other_contribute", 0},
        {"currency", json_view(kCurrency)}}};
}

std::string event_type_of(const Event& event) {
    if (event.kind == "payment") return "TRANSACTION.SUCCESS";
    const json::value content = json::parse(event.content);
    return "REFUND." + std::string{content.at("refund_status").as_string().c_str()};
}

}  // namespace

std::string transaction_json(const Trade& trade, const MerchantSide& merchant) {
    json::object body{
        {"appid", merchant.appid},
        {"mchid", merchant.mchid},
        {"out_trade_no", trade.out_trade_no},
        {"trade_state", trade.state},
        {"trade_state_desc", json_view(description_of(trade.state))},
    };
    if (!trade.is_paid()) return json::serialize(body);
    body["transaction_id"] = trade.transaction_id;
    body["trade_type"] = "NATIVE";
    body["bank_type"] = "OTHERS";
    body["attach"] = trade.attach.value_or("");
    body["success_time"] = beijing_rfc3339(*trade.paid_at);
    body["payer"] = json::object{{"openid", trade.payer}};
    body["amount"] = json::object{
        {"total", trade.total.fen()},
        {"payer_total", trade.payer_total.fen()},
        {"currency", json_view(kCurrency)},
        {"payer_currency", json_view(kCurrency)}};
    auto promotions = promotions_of(trade);
    if (!promotions.empty()) body["promotion_detail"] = std::move(promotions);
    return json::serialize(body);
}

std::string refund_json(const Refund& refund, const Trade& trade) {
    json::object body{
        {"refund_id", refund.refund_id},
        {"out_refund_no", refund.out_refund_no},
        {"transaction_id", trade.transaction_id},
        {"out_trade_no", trade.out_trade_no},
        {"channel", "ORIGINAL"},
        {"user_received_account", json_view(kAccount)},
        {"create_time", beijing_rfc3339(refund.created_at)},
        {"status", refund.state},
        {"funds_account", "AVAILABLE"},
        {"amount",
         json::object{
             {"total", trade.total.fen()},
             {"refund", refund.amount.fen()},
             {"from", json::array{}},
             {"payer_total", trade.payer_total.fen()},
             {"payer_refund", refund.payer_refund.fen()},
             {"settlement_refund", refund.payer_refund.fen()},
             {"settlement_total", trade.payer_total.fen()},
             {"discount_refund", (refund.amount - refund.payer_refund).fen()},
             {"currency", json_view(kCurrency)},
             {"refund_fee", refund.fee_back.fen()}}},
        {"promotion_detail", json::array{}}};
    if (refund.state == "SUCCESS") body["success_time"] = beijing_rfc3339(*refund.settled_at);
    return json::serialize(body);
}

std::string told_refund_json(
    const Refund& refund, const Trade& trade, const MerchantSide& merchant
) {
    json::object body{
        {"mchid", merchant.mchid},
        {"out_trade_no", trade.out_trade_no},
        {"transaction_id", trade.transaction_id},
        {"out_refund_no", refund.out_refund_no},
        {"refund_id", refund.refund_id},
        {"refund_status", refund.state},
        {"user_received_account", json_view(kAccount)},
        {"amount",
         json::object{
             {"total", trade.total.fen()},
             {"refund", refund.amount.fen()},
             {"payer_total", trade.payer_total.fen()},
             {"payer_refund", refund.payer_refund.fen()}}}};
    if (refund.state == "SUCCESS") body["success_time"] = beijing_rfc3339(*refund.settled_at);
    return json::serialize(body);
}

OutboundRequest Gateway::request_of(const Event& event) {
    Spoiling spoiling = spoiling_of_delivery(ground_.faults, event.out_trade_no);
    // What is sealed tells amounts and owners; what is around it is cut or is no JSON.
    Spoiling inside = spoiling;
    inside.truncated = inside.not_json = false;
    spoiling.wrong_amount = spoiling.wrong_owner = false;
    const std::string type = event_type_of(event);
    const std::string about = event.kind == "payment" ? "transaction" : "refund";
    const std::string nonce = ground_.random.token(12);
    const std::string sealed = seal(
        identity_.merchant.apiv3_key.reveal(), nonce, about, spoilt_text(event.content, inside)
    );
    const std::string envelope = json::serialize(json::object{
        {"id", event.event_id},
        {"create_time", beijing_rfc3339(event.created_at)},
        {"resource_type", "encrypt-resource"},
        {"event_type", type},
        {"summary", json_view(summary_of(type))},
        {"resource",
         json::object{
             {"original_type", about},
             {"algorithm", "AEAD_AES_256_GCM"},
             {"ciphertext", sealed},
             {"associated_data", about},
             {"nonce", nonce}}}});
    OutboundRequest request;
    request.body = spoilt_text(envelope, spoiling);
    request.headers = gate_.proof_of(request.body, spoiling);
    request.headers.emplace_back("Content-Type", "application/json");
    request.headers.emplace_back("Request-ID", "08" + ground_.random.token(30) + "-0");
    return request;
}

// Only the status decides, whatever the body says.
bool Gateway::understood(const OutboundResponse& answer) const { return answer.status / 100 == 2; }

std::span<const seconds> Gateway::waits() const { return kWaits; }

}  // namespace doorbuster::sandbox::wechat_pay
