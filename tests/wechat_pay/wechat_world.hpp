#pragma once

#include "adapters/wechat_pay/provider.hpp"
#include "support/merchant_world.hpp"

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

// A merchant of the simulated WeChat Pay.
class WechatWorld : public test::MerchantWorld {
public:
    explicit WechatWorld(const sandbox::SandboxOptions& options = {}) : MerchantWorld{options} {
        open_shop(kNotifyPath, provider);
    }

    auto create(const ProviderOrder& order) { return test::run(provider.create(order)); }
    std::string created(const ProviderOrder& order) { return create(order).value.value_or(""); }

    WechatPay provider{config_for(sandbox.merchant(), test::kShopOrigin), network, clock, random};
};

}  // namespace doorbuster::wechat_pay
