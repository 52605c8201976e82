#pragma once

#include <string>
#include <string_view>

#include "adapters/alipay/config.hpp"
#include "adapters/alipay/form.hpp"
#include "adapters/alipay/key_text.hpp"
#include "adapters/pay_wire/base64.hpp"
#include "support/payment_vectors.hpp"

// The application and the Alipay of the test vectors.
namespace doorbuster::test {

inline const boost::json::object& alipay_keys() { return payment_vectors("alipay-keys"); }

// Public-key mode.
inline alipay::Config alipay_config() {
    const auto& keys = alipay_keys();
    alipay::Config config;
    config.app_id = text_at(keys, "app_id");
    config.seller_id = text_at(keys, "seller_id");
    config.private_key = Secret{text_at(keys.at("app"), "private_key_pkcs8_pem")};
    config.public_key = text_at(keys.at("alipay"), "public_key_bare");
    config.gateway_url = "https://gateway.alipay.test/gateway.do";
    config.notify_url = "https://shop.test/api/v1/payments/notifications/alipay";
    config.return_url = "https://shop.test/pay/return";
    return config;
}

inline alipay::Config alipay_certificate_config() {
    const auto& certificates = alipay_keys().at("certificate_mode");
    alipay::Config config = alipay_config();
    config.public_key.clear();
    config.app_certificate = text_at(certificates, "app_cert_pem");
    config.alipay_certificate = text_at(certificates, "alipay_cert_pem");
    config.root_certificates = text_at(certificates, "root_cert_pem");
    return config;
}

inline pay_wire::PrivateKey alipay_private_key(const std::string& whose = "alipay") {
    const auto& owner = alipay_keys().at(whose);
    const char* name = whose == "app" ? "private_key_pkcs8_pem" : "private_key_pem";
    return *alipay::read_private_key(text_at(owner, name));
}

inline std::string alipay_signature(std::string_view text, const std::string& whose = "alipay") {
    return pay_wire::to_base64(alipay_private_key(whose).sign(text));
}

// An answer of the gateway; `more` is put before its sign, as in `"alipay_cert_sn":"…",`.
inline std::string alipay_answer(
    const std::string& node_name,
    const std::string& node,
    const std::string& whose = "alipay",
    const std::string& more = ""
) {
    return "{\"" + node_name + "\":" + node + "," + more + "\"sign\":\"" +
           alipay_signature(node, whose) + "\"}";
}

// A form as Alipay posts it.
inline std::string alipay_form(alipay::Params params, const std::string& whose = "alipay") {
    params.erase("sign");
    params.erase("sign_type");
    const std::string signature = alipay_signature(alipay::joined(params), whose);
    params["sign"] = signature;
    params["sign_type"] = "RSA2";
    return alipay::to_form(params);
}

}  // namespace doorbuster::test
