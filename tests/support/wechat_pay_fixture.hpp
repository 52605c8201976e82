#pragma once

#include <string>
#include <vector>

#include "adapters/wechat_pay/config.hpp"
#include "support/payment_vectors.hpp"

// The merchant and the WeChat Pay of the test vectors.
namespace doorbuster::test {

inline const boost::json::object& wechat_keys() { return payment_vectors("wechat-keys"); }

inline wechat_pay::Config wechat_config() {
    const auto& keys = wechat_keys();
    const auto& merchant = keys.at("merchant");
    const auto& key_mode = keys.at("public_key_mode");
    wechat_pay::Config config;
    config.mchid = text_at(keys, "mchid");
    config.appid = text_at(keys, "appid");
    config.merchant_serial = text_at(merchant, "serial_no");
    config.private_key_pem = Secret{text_at(merchant, "private_key_pkcs8_pem")};
    config.apiv3_key = Secret{text_at(keys, "apiv3_key")};
    config.public_key_id = text_at(key_mode, "id");
    config.public_key_pem = text_at(key_mode, "public_key_pem");
    for (const auto& certificate : keys.at("platform_certificates").as_array()) {
        config.platform_certificate_pems.push_back(text_at(certificate, "certificate_pem"));
    }
    config.base_url = "https://wechat.test";
    config.backup_url = "";
    config.notify_url = "https://shop.test/api/v1/payments/notifications/wechat_pay";
    return config;
}

}  // namespace doorbuster::test
