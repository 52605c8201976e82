#pragma once

#include <filesystem>

#include "adapters/alipay/provider.hpp"
#include "support/sandbox_world.hpp"

namespace doorbuster::alipay {

inline constexpr auto kNotifyPath = "/api/v1/payments/notifications/alipay";
inline constexpr auto kOrigin = "http://127.0.0.1:8080";

enum class KeyMode { public_key, certificates };

// What a shop sets to be a merchant of the simulator.
inline Config config_for(const sandbox::AlipayMerchantSide& merchant, KeyMode mode) {
    Config config;
    config.app_id = merchant.app_id;
    config.seller_id = merchant.seller_id;
    config.private_key = merchant.private_key_pem;
    if (mode == KeyMode::public_key) {
        config.public_key = merchant.alipay_public_key_pem;
    } else {
        config.app_certificate = merchant.app_certificate_pem;
        config.alipay_certificate = merchant.alipay_certificate_pem;
        config.root_certificates = merchant.root_certificates_pem;
    }
    config.gateway_url = kOrigin + std::string{sandbox::kAlipayGatewayPath};
    config.notify_url = std::string{kOrigin} + kNotifyPath;
    config.return_url = std::string{kOrigin} + "/pay/return";
    return config;
}

// A shop and the simulator in one process, joined by a router instead of a network. The shop
// verifies what is notified and remembers it.
class AlipayWorld : public test::SandboxWorld {
public:
    explicit AlipayWorld(KeyMode mode = KeyMode::public_key, sandbox::SandboxOptions options = {})
        : SandboxWorld{options},
          provider{config_for(sandbox.alipay_merchant(), mode), network, clock} {
        const auto notified = [this](http::Request& request) { return receive(request); };
        router.add(
            {{http::Method::post,
              kNotifyPath,
              http::Access::anyone(),
              http::SyncHandler{notified},
              {.csrf = false}}}
        );
    }

    ProviderOrder order(const std::string& number) {
        return {
            .out_trade_no = number,
            .description = "演示订单 <" + number + "> & more",
            .amount = Money::fen(8888),
            .expires_at = clock.now() + std::chrono::minutes{30}};
    }
    // Sends the form as a browser would; the cashier's address, or empty when there is none.
    std::string open(const ProviderOrder& order) {
        const auto form = provider.pay_form(order, clock.now());
        if (!form) return {};
        Params fields{form->fields.begin(), form->fields.end()};
        OutboundRequest request;
        request.method = "POST";
        request.url = form->action;
        request.body = to_form(fields);
        request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
        return std::string{test::run(network.send(std::move(request))).header("Location")};
    }
    // A buyer logs in on the page and, when `pays`, pays.
    test::Reply scan(const std::string& cashier, bool pays = true) {
        return phone.post(
            "/sandbox/alipay/scan",
            R"({"page":")" + cashier + R"(","pay":)" + (pays ? "true" : "false") + "}"
        );
    }
    void pay(const std::string& number) { scan(open(order(number))); }

    auto query(const std::string& number) { return test::run(provider.query(number)); }
    auto close(const std::string& number) { return test::run(provider.close(number)); }
    static ProviderRefundOrder refund_order(
        const std::string& number, const std::string& refund, std::int64_t fen
    ) {
        return {
            .out_refund_no = refund,
            .out_trade_no = number,
            .transaction_id = "",
            .amount = Money::fen(fen),
            .paid = Money::fen(8888),
            .reason = "坏了"};
    }
    auto refund(const ProviderRefundOrder& order) { return test::run(provider.refund(order)); }
    auto query_refund(const ProviderRefundOrder& order) {
        return test::run(provider.query_refund(order));
    }

    std::vector<ProviderNotification> accepted;
    std::vector<std::string> refused;
    bool shop_is_down = false;

private:
    http::Response receive(const http::Request& request) {
        std::string reason;
        const auto notification =
            provider.verify_notification({}, request.body, clock.now(), reason);
        NotificationReply reply = provider.reply_accepted();
        if (shop_is_down) {
            reply = provider.reply_try_again();
        } else if (notification) {
            accepted.push_back(*notification);
        } else {
            refused.push_back(reason);
            reply = provider.reply_refused();
        }
        return {.status = reply.status, .content_type = reply.content_type, .body = reply.body};
    }

public:
    Alipay provider;
};

}  // namespace doorbuster::alipay
