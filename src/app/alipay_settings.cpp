#include "app/alipay_settings.hpp"

#include "app/notify_paths.hpp"
#include "app/setting_files.hpp"

namespace doorbuster::app {

std::string alipay_return_url(const runtime::Config& settings, const std::string& public_url) {
    if (!settings.alipay_return_url.empty()) return settings.alipay_return_url;
    return public_url + std::string{kAlipayReturnPath};
}

alipay::Config alipay_settings(const runtime::Config& settings) {
    if (settings.public_url.empty()) {
        throw alipay::BadConfig{"public_url: must be set, because Alipay tells payments to it"};
    }
    alipay::Config config;
    config.app_id = settings.alipay_app_id;
    config.seller_id = settings.alipay_seller_id;
    config.private_key = settings.alipay_private_key;
    const std::string& file = settings.alipay_private_key_file;
    if (!file.empty()) config.private_key = Secret{key_file("alipay.private_key_file", file)};
    config.public_key = public_file("alipay.public_key_file", settings.alipay_public_key_file);
    config.app_certificate = public_file("alipay.app_cert_file", settings.alipay_app_cert_file);
    config.alipay_certificate =
        public_file("alipay.alipay_cert_file", settings.alipay_alipay_cert_file);
    config.root_certificates = public_file("alipay.root_cert_file", settings.alipay_root_cert_file);
    config.gateway_url = settings.alipay_gateway_url;
    config.return_url = alipay_return_url(settings, settings.public_url);
    config.notify_url = settings.public_url + std::string{kAlipayNotifyPath};
    return config;
}

}  // namespace doorbuster::app
