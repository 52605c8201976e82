#pragma once

#include <filesystem>

#include "adapters/alipay/provider.hpp"
#include "support/merchant_world.hpp"

namespace doorbuster::alipay {

inline constexpr auto kNotifyPath = "/api/v1/payments/notifications/alipay";

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
    config.gateway_url = test::kShopOrigin + std::string{sandbox::kAlipayGatewayPath};
    config.notify_url = std::string{test::kShopOrigin} + kNotifyPath;
    config.return_url = std::string{test::kShopOrigin} + "/pay/return";
    return config;
}

// A merchant of the simulated Alipay.
class AlipayWorld : public test::MerchantWorld {
public:
    explicit AlipayWorld(
        KeyMode mode = KeyMode::public_key, const sandbox::SandboxOptions& options = {}
    )
        : MerchantWorld{options},
          provider{config_for(sandbox.alipay_merchant(), mode), network, clock} {
        open_shop(kNotifyPath, provider);
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

    Alipay provider;
};

}  // namespace doorbuster::alipay
