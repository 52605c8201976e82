#pragma once

#include "adapters/wechat_pay/provider.hpp"
#include "support/sandbox_world.hpp"

namespace doorbuster::wechat_pay {

inline constexpr auto kNotifyPath = "/api/v1/payments/notifications/wechat_pay";

// What a shop sets to be a merchant of the simulator.
inline Config config_for(const sandbox::MerchantSide& merchant, const std::string& origin) {
    Config config;
    config.mchid = merchant.mchid;
    config.appid = merchant.appid;
    config.merchant_serial = merchant.merchant_serial;
    config.private_key_pem = merchant.private_key_pem;
    config.apiv3_key = merchant.apiv3_key;
    config.public_key_id = merchant.public_key_id;
    config.public_key_pem = merchant.public_key_pem;
    config.base_url = origin + std::string{sandbox::kWechatPayPrefix};
    config.backup_url = "";
    config.notify_url = origin + kNotifyPath;
    return config;
}

// A shop and the simulator in one process, joined by a router instead of a network. The shop
// verifies what is notified and remembers it.
class WechatWorld : public test::SandboxWorld {
public:
    explicit WechatWorld(sandbox::SandboxOptions options = {}) : SandboxWorld{options} {
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
            .description = "演示订单 " + number,
            .amount = Money::fen(8888),
            .expires_at = clock.now() + std::chrono::minutes{30}};
    }
    auto create(const ProviderOrder& order) { return test::run(provider.create(order)); }
    auto query(const std::string& number) { return test::run(provider.query(number)); }
    auto close(const std::string& number) { return test::run(provider.close(number)); }
    std::string created(const ProviderOrder& order) { return create(order).value.value_or(""); }

    std::vector<ProviderNotification> accepted;
    std::vector<std::string> refused;
    bool shop_is_down = false;

private:
    http::Response receive(const http::Request& request) {
        PaymentProvider::Headers headers;
        for (const auto& header : request.headers) headers.emplace_back(header.name, header.value);
        std::string reason;
        const auto notification =
            provider.verify_notification(headers, request.body, clock.now(), reason);
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
    WechatPay provider{
        config_for(sandbox.merchant(), "http://127.0.0.1:8080"), network, clock, random};
};

}  // namespace doorbuster::wechat_pay
