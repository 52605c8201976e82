#pragma once

#include <string>
#include <vector>

#include "ports/payment_provider.hpp"
#include "support/sandbox_world.hpp"

namespace doorbuster::test {

inline constexpr auto kShopOrigin = "http://127.0.0.1:8080";

// A shop and the simulator in one process, joined by a router instead of a network. The shop
// verifies what is notified and remembers it.
class MerchantWorld : public SandboxWorld {
public:
    ProviderOrder order(const std::string& number) {
        return {
            .out_trade_no = number,
            .description = "演示订单 <" + number + "> & more",
            .amount = Money::fen(8888),
            .expires_at = clock.now() + std::chrono::minutes{30}};
    }
    auto query(const std::string& number) { return run(provider_->query(number)); }
    auto close(const std::string& number) { return run(provider_->close(number)); }

    std::vector<ProviderNotification> accepted;
    std::vector<std::string> refused;
    bool shop_is_down = false;

protected:
    explicit MerchantWorld(const sandbox::SandboxOptions& options) : SandboxWorld{options} {}

    // To be called once, when the shop's side of `provider` is there.
    void open_shop(const char* notify_path, PaymentProvider& provider) {
        provider_ = &provider;
        const auto notified = [this](http::Request& request) { return receive(request); };
        router.add(
            {{http::Method::post,
              notify_path,
              http::Access::anyone(),
              http::SyncHandler{notified},
              {.csrf = false}}}
        );
    }

private:
    http::Response receive(const http::Request& request) {
        const NotificationReply reply = judge(request);
        return {.status = reply.status, .content_type = reply.content_type, .body = reply.body};
    }
    NotificationReply judge(const http::Request& request) {
        if (shop_is_down) return provider_->reply_try_again();
        PaymentProvider::Headers headers;
        for (const auto& header : request.headers) headers.emplace_back(header.name, header.value);
        std::string reason;
        const auto notification =
            provider_->verify_notification(headers, request.body, clock.now(), reason);
        if (!notification) {
            refused.push_back(reason);
            return provider_->reply_refused();
        }
        accepted.push_back(*notification);
        return provider_->reply_accepted();
    }

    PaymentProvider* provider_ = nullptr;
};

}  // namespace doorbuster::test
