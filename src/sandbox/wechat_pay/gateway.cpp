#include "sandbox/wechat_pay/gateway.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "sandbox/common/pause.hpp"
#include "sandbox/common/text.hpp"
#include "sandbox/wechat_pay/native_order.hpp"

// Orders: create, query, close.
namespace doorbuster::sandbox::wechat_pay {

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
// How long an answer waits for the notification that is to overtake it.
constexpr Milliseconds kOvertaking{1'000};

// WeChat Pay bends a deadline that is too near or too far instead of refusing it.
Time bent_expiry(std::optional<Time> wanted, Time now) {
    if (!wanted) return now + kExpiryDefault;
    return std::clamp<Time>(*wanted, now + kExpiryMin, now + kExpiryMax);
}

std::string code_url_of(std::string_view code) {
    return std::string{kCodeUrlPrefix} + std::string{code};
}

Reply code_reply(std::string_view code) {
    const std::string url = code_url_of(code);
    return {200, json::serialize(json::object{{"code_url", json_view(url)}})};
}

Reply not_found() { return wechat_error(404, "ORDER_NOT_EXIST", "订单不存在"); }
Reply wrong_merchant() { return wechat_error(400, "PARAM_ERROR", "商户号错误", "/mchid"); }

std::string mchid_in(std::string_view body) {
    json::error_code failed;
    const json::value value = json::parse(json_view(body), failed);
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

// The code in an answer of `create`; empty in a refusal.
std::string code_url_in(const Reply& reply) {
    if (reply.status != 200) return {};
    return json::parse(reply.body).at("code_url").as_string().c_str();
}

std::string out_trade_no_in(std::string_view body) {
    json::error_code failed;
    const json::value value = json::parse(json_view(body), failed);
    const json::value* number =
        !failed && value.is_object() ? value.get_object().if_contains("out_trade_no") : nullptr;
    return number && number->is_string() ? number->get_string().c_str() : std::string{};
}

}  // namespace

Gateway::Gateway(const Identity& identity, const Ground& ground)
    : identity_{identity}, ground_{ground}, gate_{identity, ground} {}

Task<Reply> Gateway::create(std::string body) {
    const std::string fresh_code = ground_.random.token(kCodeLength);
    const std::string number = out_trade_no_in(body);
    const auto work = [this, body = std::move(body), fresh_code](sql::Transaction& tx) {
        return create_in(tx, body, fresh_code);
    };
    const Reply reply = co_await ground_.database.write(work);
    std::string code_url = code_url_in(reply);
    if (!code_url.empty() && ground_.faults.strikes(Faults::Point::pay_before_answer, number)) {
        std::string anyone;
        const auto paid = co_await pay(std::move(code_url), Money{}, std::move(anyone));
        if (paid.has_value()) co_await pause(ground_.options.scaled(kOvertaking));
    }
    co_return reply;
}

Reply Gateway::create_in(
    sql::Transaction& tx, const std::string& body, std::string_view fresh_code
) {
    const auto read = read_native_order(body, identity_.merchant.mchid, identity_.merchant.appid);
    if (const auto* refusal = std::get_if<Reply>(&read)) return *refusal;
    const auto& order = std::get<NativeOrder>(read);
    const Time now = ground_.clock.now();
    const auto known = find_trade(tx, order.out_trade_no);
    if (!known) {
        insert_trade(tx, new_trade(order, body, fresh_code, now));
        return code_reply(fresh_code);
    }
    if (known->is_paid()) {
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

Task<Reply> Gateway::query(std::string out_trade_no, std::string mchid) {
    if (mchid != identity_.merchant.mchid) co_return wrong_merchant();
    if (!is_out_trade_no(out_trade_no)) co_return not_found();
    const auto work = [number = std::move(out_trade_no)](sql::Reader& reader) {
        return find_trade(reader, number);
    };
    const auto trade = co_await ground_.database.read(work);
    if (!trade) co_return not_found();
    co_return Reply{200, transaction_json(*trade, identity_.merchant)};
}

Task<Reply> Gateway::query_transaction(std::string transaction_id, std::string mchid) {
    if (mchid != identity_.merchant.mchid) co_return wrong_merchant();
    if (!is_out_trade_no(transaction_id)) co_return not_found();  // its digits are among these
    const auto work = [id = std::move(transaction_id)](sql::Reader& reader) {
        return find_trade_by_transaction(reader, id);
    };
    const auto trade = co_await ground_.database.read(work);
    if (!trade) co_return not_found();
    co_return Reply{200, transaction_json(*trade, identity_.merchant)};
}

Task<Reply> Gateway::close(std::string out_trade_no, std::string body) {
    if (mchid_in(body) != identity_.merchant.mchid) co_return wrong_merchant();
    if (!is_out_trade_no(out_trade_no)) co_return not_found();
    const auto work = [number = std::move(out_trade_no)](sql::Transaction& tx) -> Reply {
        if (close_trade(tx, number)) return {204, ""};
        const auto trade = find_trade(tx, number);
        if (!trade) return not_found();
        if (trade->is_paid()) return wechat_error(400, "ORDER_PAID", "订单已支付");
        return {204, ""};
    };
    co_return co_await ground_.database.write(work);
}

Reply Gateway::certificates() const {
    if (!ground_.options.get().platform_certificates) {
        Reply none =
            wechat_error(404, "RESOURCE_NOT_EXISTS", "无可用的平台证书，请使用微信支付公钥");
        none.is_signed = false;
        return none;
    }
    json::array data;
    for (const Certificate& one : identity_.platform_keys->alive(ground_.clock.now())) {
        const std::string nonce = ground_.random.token(12);
        const std::string sealed =
            seal(identity_.merchant.apiv3_key.reveal(), nonce, "certificate", one.pem);
        data.push_back(json::object{
            {"serial_no", one.serial_hex},
            {"effective_time", beijing_rfc3339(one.not_before)},
            {"expire_time", beijing_rfc3339(one.not_after)},
            {"encrypt_certificate",
             json::object{
                 {"algorithm", "AEAD_AES_256_GCM"},
                 {"nonce", nonce},
                 {"associated_data", "certificate"},
                 {"ciphertext", sealed}}}});
    }
    return {200, json::serialize(json::object{{"data", std::move(data)}})};
}

}  // namespace doorbuster::sandbox::wechat_pay
