#pragma once

#include <boost/json/parse.hpp>
#include <string>
#include <vector>

#include "http/text.hpp"
#include "sandbox/common/text.hpp"
#include "support/sandbox_world.hpp"

// Merchants of the simulator who write requests by hand, with nothing of the adapters.
namespace doorbuster::test {

class WechatMerchant {
public:
    explicit WechatMerchant(SandboxWorld& world) : world_{world} {}

    Reply get(const std::string& path) { return call(http::Method::get, path, ""); }
    Reply post(const std::string& path, const std::string& body) {
        return call(http::Method::post, path, body);
    }
    // Creates an order of so many fen and returns its code_url.
    std::string order(const std::string& number, int fen) {
        const auto& merchant = world_.sandbox.merchant();
        const Reply reply = post(
            "/v3/pay/transactions/native",
            R"({"appid":")" + merchant.appid + R"(","mchid":")" + merchant.mchid +
                R"(","description":"咖啡, 豆","out_trade_no":")" + number +
                R"(","notify_url":"http://127.0.0.1:8080/notify","amount":{"total":)" +
                std::to_string(fen) + "}}"
        );
        return reply.has("/code_url") ? reply.text("/code_url") : "";
    }
    void pay(const std::string& number, int fen) { world_.scan(order(number, fen)); }
    Reply refund(const std::string& number, const std::string& refund_no, int refund, int total) {
        return post(
            "/v3/refund/domestic/refunds",
            R"({"out_trade_no":")" + number + R"(","out_refund_no":")" + refund_no +
                R"(","notify_url":"http://127.0.0.1:8080/notify","amount":{"refund":)" +
                std::to_string(refund) + R"(,"total":)" + std::to_string(total) +
                R"(,"currency":"CNY"}})"
        );
    }
    Reply query(const std::string& number) {
        return get(
            "/v3/pay/transactions/out-trade-no/" + number +
            "?mchid=" + world_.sandbox.merchant().mchid
        );
    }
    Reply call(http::Method method, const std::string& path, const std::string& body) {
        const std::string target = std::string{sandbox::kWechatPayPrefix} + path;
        const auto& identity = shared_identity().wechat_pay;
        const auto seconds =
            std::chrono::floor<std::chrono::seconds>(world_.clock.now()).time_since_epoch();
        const std::string time = std::to_string(seconds.count());
        std::string message{http::to_string(method)};
        for (const std::string& line : {target, time, std::string{"nonce"}, body}) {
            message += "\n" + line;
        }
        const std::string authorization =
            R"(WECHATPAY2-SHA256-RSA2048 mchid=")" + identity.merchant.mchid +
            R"(",nonce_str="nonce",timestamp=")" + time + R"(",serial_no=")" +
            identity.merchant.merchant_serial + R"(",signature=")" +
            identity.merchant_key.sign(message + "\n") + '"';
        return world_.phone.send(method, target, body, {{"Authorization", authorization}});
    }

private:
    SandboxWorld& world_;
};

class AlipayMerchant {
public:
    using Params = sandbox::alipay::Params;

    explicit AlipayMerchant(SandboxWorld& world) : world_{world} {}

    bool certified = false;

    Params params(const std::string& method, const std::string& biz_content) {
        const auto& identity = shared_identity().alipay;
        Params params{
            {"app_id", identity.merchant.app_id},
            {"method", method},
            {"charset", "utf-8"},
            {"sign_type", "RSA2"},
            {"timestamp", sandbox::beijing_text(world_.clock.now())},
            {"version", "1.0"},
            {"biz_content", biz_content}};
        if (certified) {
            params["app_cert_sn"] = identity.app_cert_sn;
            params["alipay_root_cert_sn"] = identity.root_cert_sn;
        }
        return params;
    }
    Params signed_by_app(Params params) {
        std::string text;
        for (const auto& [name, value] : params) {
            text.append(text.empty() ? "" : "&").append(name).append("=").append(value);
        }
        params["sign"] = shared_identity().alipay.app_key.sign(text);
        return params;
    }
    Reply send(const Params& params) {
        return world_.phone.post(
            std::string{sandbox::kAlipayGatewayPath} + "?charset=utf-8",
            sandbox::alipay::form_of(params)
        );
    }
    Reply call(const std::string& method, const std::string& biz_content) {
        return send(signed_by_app(params(method, biz_content)));
    }
    // The response node of a call.
    std::string node(const std::string& method, const std::string& biz_content) {
        const std::string body = call(method, biz_content).body;
        const auto begin = body.find(":{") + 1;
        const auto end = std::min(body.find(R"(,"alipay_cert_sn":)"), body.find(R"(,"sign":)"));
        return body.substr(begin, end - begin);
    }
    // Where the cashier of a page is; empty when it was refused.
    std::string page(
        const std::string& number, const std::string& yuan, const std::string& more = ""
    ) {
        Params page = params(
            "alipay.trade.page.pay",
            R"({"out_trade_no":")" + number + R"(","total_amount":")" + yuan +
                R"(","subject":"咖啡豆","product_code":"FAST_INSTANT_TRADE_PAY")" + more + "}"
        );
        page["notify_url"] = "http://127.0.0.1:8080/notify";
        page["return_url"] = "http://127.0.0.1:8080/back?a=1";
        refused = send(signed_by_app(std::move(page)));
        return refused.header("Location");
    }
    Reply scan(const std::string& page, const std::string& more = "") {
        return world_.phone.post("/sandbox/alipay/scan", R"({"page":")" + page + "\"" + more + "}");
    }
    Reply refund(
        const std::string& number, const std::string& request_no, const std::string& yuan
    ) {
        return call(
            "alipay.trade.refund",
            R"({"out_trade_no":")" + number + R"(","out_request_no":")" + request_no +
                R"(","refund_amount":")" + yuan + "\"}"
        );
    }
    Reply refused;  // the last answer to a page

private:
    SandboxWorld& world_;
};

// A merchant's route for notifications, which accepts or not.
class NotifyRoute {
public:
    explicit NotifyRoute(SandboxWorld& world) {
        const auto take = [this](http::Request& request) {
            bodies.emplace_back(request.body);
            headers.emplace_back();
            for (const auto& header : request.headers) {
                headers.back().emplace_back(header.name, header.value);
            }
            return http::Response{.status = status, .content_type = "text/plain", .body = answer};
        };
        world.router.add(
            {{http::Method::post,
              "/notify",
              http::Access::anyone(),
              http::SyncHandler{take},
              {.csrf = false}}}
        );
    }

    int status = 200;
    std::string answer = "success";
    std::vector<std::string> bodies;
    std::vector<std::vector<std::pair<std::string, std::string>>> headers;
};

}  // namespace doorbuster::test
