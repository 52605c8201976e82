#include "sandbox/wechat_pay/native_order.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "sandbox/wechat_pay/members.hpp"

namespace doorbuster::sandbox::wechat_pay {

namespace {

namespace json = boost::json;

constexpr std::int64_t kTotalMax = 100'000'000'00;

Money read_amount(Members& body) {
    const json::object* object = body.object("amount");
    if (!object) return body.spoil("amount"), Money{};
    Members amount{*object, body.path_to("amount")};
    amount.only({"total", "currency"});
    const auto total = amount.integer("total", 1, kTotalMax);
    if (amount.optional_text("currency", 16).value_or("CNY") != "CNY") amount.spoil("currency");
    body.take(amount);
    return Money::fen(total);
}

void check_goods(Members& detail) {
    const json::array* goods = detail.array("goods_detail");
    if (!goods) return;
    if (goods->empty() || goods->size() > 6000) detail.spoil("goods_detail");
    for (const json::value& one : *goods) {
        if (!one.is_object()) return detail.spoil("goods_detail");
        Members good{one.get_object(), detail.path_to("goods_detail")};
        good.only(
            {"merchant_goods_id", "wechatpay_goods_id", "goods_name", "quantity", "unit_price"}
        );
        good.text("merchant_goods_id", 1, 32);
        good.optional_text("wechatpay_goods_id", 32);
        good.optional_text("goods_name", 256);
        good.integer("quantity", 1, kTotalMax);
        good.integer("unit_price", 0, kTotalMax);
        detail.take(good);
    }
}

void check_detail(Members& body) {
    const json::object* object = body.object("detail");
    if (!object) return;
    Members detail{*object, body.path_to("detail")};
    detail.only({"cost_price", "invoice_id", "goods_detail"});
    if (object->contains("cost_price")) detail.integer("cost_price", 0, kTotalMax);
    detail.optional_text("invoice_id", 32);
    check_goods(detail);
    body.take(detail);
}

void check_scene(Members& body) {
    const json::object* object = body.object("scene_info");
    if (!object) return;
    Members scene{*object, body.path_to("scene_info")};
    scene.only({"payer_client_ip", "device_id", "store_info"});
    scene.text("payer_client_ip", 1, 45);
    scene.optional_text("device_id", 32);
    if (const json::object* info = scene.object("store_info")) {
        Members store{*info, scene.path_to("store_info")};
        store.only({"id", "name", "area_code", "address"});
        store.text("id", 1, 32);
        store.optional_text("name", 256);
        store.optional_text("area_code", 32);
        store.optional_text("address", 512);
        scene.take(store);
    }
    body.take(scene);
}

void check_settlement(Members& body) {
    const json::object* object = body.object("settle_info");
    if (!object) return;
    Members settlement{*object, body.path_to("settle_info")};
    settlement.only({"profit_sharing"});
    settlement.boolean("profit_sharing");
    body.take(settlement);
}

NativeOrder read_members(Members& body) {
    NativeOrder order;
    order.out_trade_no = body.text("out_trade_no", 6, 32);
    if (!is_out_trade_no(order.out_trade_no)) body.spoil("out_trade_no");
    order.description = body.text("description", 1, 127);
    order.attach = body.optional_text("attach", 128);
    order.notify_url = body.text("notify_url", 1, 255);
    if (!is_notify_url(order.notify_url)) body.spoil("notify_url");
    order.total = read_amount(body);
    if (const auto expiry = body.optional_text("time_expire", 64)) {
        order.time_expire = from_rfc3339(*expiry);
        if (!order.time_expire) body.spoil("time_expire");
    }
    body.optional_text("goods_tag", 32);
    body.boolean("support_fapiao");
    check_detail(body);
    check_scene(body);
    check_settlement(body);
    return order;
}

}  // namespace

std::variant<NativeOrder, Reply> read_native_order(
    std::string_view text, std::string_view mchid, std::string_view appid
) {
    json::error_code failed;
    const json::value value = json::parse(json_view(text), failed);
    if (failed || !value.is_object()) {
        return wechat_error(400, "PARAM_ERROR", "请求体不是合法的JSON对象");
    }
    Members body{value.get_object(), ""};
    body.only(
        {"appid",
         "mchid",
         "description",
         "out_trade_no",
         "time_expire",
         "attach",
         "notify_url",
         "goods_tag",
         "support_fapiao",
         "amount",
         "detail",
         "scene_info",
         "settle_info"}
    );
    const std::string body_mchid = body.text("mchid", 1, 32);
    const std::string body_appid = body.text("appid", 1, 32);
    NativeOrder order = read_members(body);
    if (!body.wrong().empty()) {
        return wechat_error(400, "PARAM_ERROR", "参数错误", body.wrong());
    }
    if (body_mchid != mchid) return wechat_error(400, "INVALID_REQUEST", "商户号不一致", "/mchid");
    if (body_appid != appid) {
        return wechat_error(400, "APPID_MCHID_NOT_MATCH", "appid和mchid不匹配");
    }
    return order;
}

bool is_notify_url(std::string_view url) {
    const bool web = url.starts_with("https://") || url.starts_with("http://");
    const auto after = web ? url.find("://") + 3 : 0;
    return web && url.find('/', after) != std::string_view::npos &&
           url.find_first_of("?# \"") == std::string_view::npos;
}

bool is_out_trade_no(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '_' || c == '-' || c == '|' || c == '*';
    };
    return text.size() >= 6 && text.size() <= 32 && std::all_of(text.begin(), text.end(), allowed);
}

bool same_request(std::string_view one, std::string_view other) {
    json::error_code failed;
    const json::value first = json::parse(json_view(one), failed);
    if (failed) return false;
    const json::value second = json::parse(json_view(other), failed);
    return !failed && first == second;
}

}  // namespace doorbuster::sandbox::wechat_pay
