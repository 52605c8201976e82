#include "sandbox/sandbox.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "sandbox/native_order.hpp"

namespace doorbuster::sandbox {

namespace {

namespace json = boost::json;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr auto kCodeLife = hours{2};
constexpr auto kExpiryMin = minutes{1};
constexpr auto kExpiryMax = days{90};
constexpr auto kExpiryDefault = days{7};
constexpr std::size_t kCodeLength = 16;

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

// WeChat Pay bends a deadline that is too near or too far instead of refusing it.
Time bent_expiry(std::optional<Time> wanted, Time now) {
    if (!wanted) return now + kExpiryDefault;
    return std::clamp<Time>(*wanted, now + kExpiryMin, now + kExpiryMax);
}

Reply code_reply(std::string_view code) {
    const std::string url = std::string{kCodeUrlPrefix} + std::string{code};
    return {200, json::serialize(json::object{{"code_url", view(url)}})};
}

Reply not_found() { return wechat_error(404, "ORDER_NOT_EXIST", "订单不存在"); }
Reply wrong_merchant() { return wechat_error(400, "PARAM_ERROR", "商户号错误", "/mchid"); }

std::string_view description_of(std::string_view state) {
    if (state == "SUCCESS") return "支付成功";
    return state == "CLOSED" ? "订单已关闭" : "订单未支付";
}

std::string mchid_in(std::string_view body) {
    json::error_code failed;
    const json::value value = json::parse(view(body), failed);
    if (failed || !value.is_object() || value.get_object().size() != 1) return {};
    const json::value* mchid = value.get_object().if_contains("mchid");
    return mchid && mchid->is_string() ? std::string{mchid->get_string().c_str()} : std::string{};
}

Trade new_trade(
    const NativeOrder& order, const std::string& body, std::string_view code, Time now
) {
    Trade trade;
    trade.out_trade_no = order.out_trade_no;
    trade.request = body;
    trade.description = order.description;
    trade.attach = order.attach;
    trade.notify_url = order.notify_url;
    trade.total = order.total;
    trade.code = code;
    trade.code_expires_at = now + kCodeLife;
    trade.created_at = now;
    trade.expires_at = bent_expiry(order.time_expire, now);
    return trade;
}

}  // namespace

std::string transaction_json(const Trade& trade, const MerchantSide& merchant) {
    json::object body{
        {"appid", merchant.appid},
        {"mchid", merchant.mchid},
        {"out_trade_no", trade.out_trade_no},
        {"trade_state", trade.state},
        {"trade_state_desc", view(description_of(trade.state))},
    };
    if (trade.state != "SUCCESS") return json::serialize(body);
    body["transaction_id"] = trade.transaction_id;
    body["trade_type"] = "NATIVE";
    body["bank_type"] = "OTHERS";
    body["attach"] = trade.attach.value_or("");
    body["success_time"] = to_rfc3339(*trade.paid_at);
    body["payer"] = json::object{{"openid", trade.payer}};
    body["amount"] = json::object{
        {"total", trade.total.fen()},
        {"payer_total", trade.payer_total.fen()},
        {"currency", view(kCurrency)},
        {"payer_currency", view(kCurrency)}};
    return json::serialize(body);
}

Sandbox::Sandbox(
    Identity identity,
    sql::Database& database,
    HttpClient& http,
    const Clock& clock,
    Random& random,
    Faults& faults,
    SandboxOptions options
)
    : identity_{std::move(identity)},
      database_{database},
      http_{http},
      clock_{clock},
      random_{random},
      faults_{faults},
      options_{options},
      gate_{identity_, clock, random} {}

Task<Reply> Sandbox::create(std::string body) {
    const std::string fresh_code = random_.token(kCodeLength);
    const auto work = [this, body = std::move(body), fresh_code](sql::Transaction& tx) {
        return create_in(tx, body, fresh_code);
    };
    co_return co_await database_.write(work);
}

Reply Sandbox::create_in(
    sql::Transaction& tx, const std::string& body, std::string_view fresh_code
) {
    const auto read = read_native_order(body, identity_.merchant.mchid, identity_.merchant.appid);
    if (const auto* refusal = std::get_if<Reply>(&read)) return *refusal;
    const auto& order = std::get<NativeOrder>(read);
    const Time now = clock_.now();
    const auto known = find_trade(tx, order.out_trade_no);
    if (!known) {
        insert_trade(tx, new_trade(order, body, fresh_code, now));
        return code_reply(fresh_code);
    }
    if (known->state == "SUCCESS") {
        return wechat_error(403, "OUT_TRADE_NO_USED", "商户订单号已使用并已支付");
    }
    if (known->state == "CLOSED") return wechat_error(400, "ORDER_CLOSED", "订单已关闭");
    if (!same_request(known->request, body)) {
        return wechat_error(400, "INVALID_REQUEST", "订单号重复，且参数与原请求不一致");
    }
    if (known->expires_at <= now) return wechat_error(400, "INVALID_REQUEST", "订单已过期");
    if (known->code_expires_at > now) return code_reply(known->code);
    renew_code(tx, known->out_trade_no, fresh_code, now + kCodeLife);
    return code_reply(fresh_code);
}

Task<Reply> Sandbox::query(std::string out_trade_no, std::string mchid) {
    if (mchid != identity_.merchant.mchid) co_return wrong_merchant();
    if (!is_out_trade_no(out_trade_no)) co_return not_found();
    const auto work = [number = std::move(out_trade_no)](sql::Reader& reader) {
        return find_trade(reader, number);
    };
    const auto trade = co_await database_.read(work);
    if (!trade) co_return not_found();
    co_return Reply{200, transaction_json(*trade, identity_.merchant)};
}

Task<Reply> Sandbox::query_transaction(std::string transaction_id, std::string mchid) {
    if (mchid != identity_.merchant.mchid) co_return wrong_merchant();
    if (!is_out_trade_no(transaction_id)) co_return not_found();  // its digits are among these
    const auto work = [id = std::move(transaction_id)](sql::Reader& reader) {
        return find_trade_by_transaction(reader, id);
    };
    const auto trade = co_await database_.read(work);
    if (!trade) co_return not_found();
    co_return Reply{200, transaction_json(*trade, identity_.merchant)};
}

Task<Reply> Sandbox::close(std::string out_trade_no, std::string body) {
    if (mchid_in(body) != identity_.merchant.mchid) co_return wrong_merchant();
    if (!is_out_trade_no(out_trade_no)) co_return not_found();
    const auto work = [number = std::move(out_trade_no)](sql::Transaction& tx) -> Reply {
        if (close_trade(tx, number)) return {204, ""};
        const auto trade = find_trade(tx, number);
        if (!trade) return not_found();
        if (trade->state == "SUCCESS") return wechat_error(400, "ORDER_PAID", "订单已支付");
        return {204, ""};
    };
    co_return co_await database_.write(work);
}

}  // namespace doorbuster::sandbox
