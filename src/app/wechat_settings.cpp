#include "app/wechat_settings.hpp"

#include "app/notify_paths.hpp"
#include "app/setting_files.hpp"

namespace doorbuster::app {

namespace {

using pay_wire::BadConfig;

Secret private_key(const runtime::Config& settings) {
    const std::string setting = "wechat_pay.private_key_file";
    const std::string& file = settings.wechat_pay_private_key_file;
    if (file.empty()) throw BadConfig{setting + ": must be set"};
    return Secret{key_file(setting, file)};
}

Secret apiv3_key(const runtime::Config& settings) {
    const std::string& file = settings.wechat_pay_apiv3_key_file;
    if (file.empty()) return settings.wechat_pay_apiv3_key;
    if (!settings.wechat_pay_apiv3_key.empty()) {
        throw BadConfig{"wechat_pay.apiv3_key_file: apiv3_key is set too; remove one of them"};
    }
    std::string key = key_file("wechat_pay.apiv3_key_file", file);
    while (key.ends_with('\n') || key.ends_with('\r')) key.pop_back();  // of an editor
    return Secret{std::move(key)};
}

}  // namespace

wechat_pay::Config wechat_settings(const runtime::Config& settings) {
    if (settings.public_url.empty()) {
        throw BadConfig{"public_url: must be set, because WeChat Pay tells payments to it"};
    }
    wechat_pay::Config config;
    config.mchid = settings.wechat_pay_mchid;
    config.appid = settings.wechat_pay_appid;
    config.merchant_serial = settings.wechat_pay_serial_no;
    config.merchant_certificate_pem =
        public_file("wechat_pay.certificate_file", settings.wechat_pay_certificate_file);
    config.private_key_pem = private_key(settings);
    config.apiv3_key = apiv3_key(settings);
    config.public_key_id = settings.wechat_pay_public_key_id;
    config.public_key_pem =
        public_file("wechat_pay.public_key_file", settings.wechat_pay_public_key_file);
    config.fetch_platform_certificates = settings.wechat_pay_platform_certificates;
    for (const std::string& file : settings.wechat_pay_platform_certificate_files) {
        config.platform_certificate_pems.push_back(
            public_file("wechat_pay.platform_certificate_files", file)
        );
    }
    config.base_url = settings.wechat_pay_base_url;
    config.backup_url = settings.wechat_pay_backup_url;
    config.notify_url = settings.public_url + std::string{kWechatPayNotifyPath};
    config.refund_notify_url = settings.public_url + std::string{kWechatPayRefundNotifyPath};
    return config;
}

}  // namespace doorbuster::app
