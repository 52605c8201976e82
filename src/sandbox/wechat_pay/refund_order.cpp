#include "sandbox/wechat_pay/refund_order.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "sandbox/wechat_pay/members.hpp"

namespace doorbuster::sandbox::wechat_pay {

namespace {

namespace json = boost::json;

constexpr std::int64_t kAmountMax = 100'000'000'00;

void check_sources(Members& amount) {
    const json::array* sources = amount.array("from");
    if (!sources) return;
    for (const json::value& one : *sources) {
        if (!one.is_object()) return amount.spoil("from");
        Members source{one.get_object(), amount.path_to("from")};
        source.only({"account", "amount"});
        const std::string account = source.text("account", 1, 32);
        if (account != "AVAILABLE" && account != "UNAVAILABLE") source.spoil("account");
        source.integer("amount", 1, kAmountMax);
        amount.take(source);
    }
}

void read_amount(Members& body, RefundOrder& order) {
    const json::object* object = body.object("amount");
    if (!object) return body.spoil("amount");
    Members amount{*object, body.path_to("amount")};
    amount.only({"refund", "total", "currency", "from"});
    order.refund = Money::fen(amount.integer("refund", 1, kAmountMax));
    order.total = Money::fen(amount.integer("total", 1, kAmountMax));
    if (amount.text("currency", 1, 16) != "CNY") amount.spoil("currency");
    check_sources(amount);
    body.take(amount);
}

void check_goods(Members& body) {
    const json::array* goods = body.array("goods_detail");
    if (!goods) return;
    for (const json::value& one : *goods) {
        if (!one.is_object()) return body.spoil("goods_detail");
        Members good{one.get_object(), body.path_to("goods_detail")};
        good.only(
            {"merchant_goods_id",
             "wechatpay_goods_id",
             "goods_name",
             "unit_price",
             "refund_amount",
             "refund_quantity"}
        );
        good.text("merchant_goods_id", 1, 32);
        good.optional_text("wechatpay_goods_id", 32);
        good.optional_text("goods_name", 256);
        good.integer("unit_price", 0, kAmountMax);
        good.integer("refund_amount", 0, kAmountMax);
        good.integer("refund_quantity", 1, kAmountMax);
        body.take(good);
    }
}

}  // namespace

std::variant<RefundOrder, Reply> read_refund_order(std::string_view text) {
    json::error_code failed;
    const json::value value = json::parse(json_view(text), failed);
    if (failed || !value.is_object()) {
        return wechat_error(400, "PARAM_ERROR", "请求体不是合法的JSON对象");
    }
    Members body{value.get_object(), ""};
    body.only(
        {"transaction_id",
         "out_trade_no",
         "out_refund_no",
         "reason",
         "notify_url",
         "funds_account",
         "amount",
         "goods_detail"}
    );
    RefundOrder order;
    order.transaction_id = body.optional_text("transaction_id", 32).value_or("");
    order.out_trade_no = body.optional_text("out_trade_no", 32).value_or("");
    if (order.transaction_id.empty() && order.out_trade_no.empty()) body.spoil("out_trade_no");
    order.out_refund_no = body.text("out_refund_no", 1, 64);
    if (!is_out_refund_no(order.out_refund_no)) body.spoil("out_refund_no");
    order.reason = body.optional_text("reason", 80).value_or("");
    if (const auto url = body.optional_text("notify_url", 256)) {
        if (!is_notify_url(*url)) body.spoil("notify_url");
        order.notify_url = *url;
    }
    if (const auto account = body.optional_text("funds_account", 32)) {
        if (*account != "AVAILABLE" && *account != "UNSETTLED") body.spoil("funds_account");
    }
    read_amount(body, order);
    check_goods(body);
    if (!body.wrong().empty()) return wechat_error(400, "PARAM_ERROR", "参数错误", body.wrong());
    return order;
}

bool is_out_refund_no(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '_' || c == '-' || c == '|' || c == '*' || c == '@';
    };
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace doorbuster::sandbox::wechat_pay
