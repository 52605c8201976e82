#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "runtime/config.hpp"
#include "support/wechat_pay_fixture.hpp"

namespace doorbuster::test {

// Good settings with their files, to be spoilt in one place at a time.
class WechatSettingsFiles {
public:
    WechatSettingsFiles() {
        std::string pattern = (std::filesystem::temp_directory_path() / "wechatXXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        const auto& merchant = wechat_keys().at("merchant");
        const auto& platform = wechat_keys().at("public_key_mode");
        const auto& certificate = wechat_keys().at("platform_certificates").at(0);
        settings_.public_url = "https://shop.test";
        settings_.wechat_pay_mode = "live";
        settings_.wechat_pay_mchid = "1900000001";
        settings_.wechat_pay_appid = "wxd678efh567hg6787";
        settings_.wechat_pay_serial_no = text_at(merchant, "serial_no");
        settings_.wechat_pay_certificate_file =
            write("apiclient_cert.pem", text_at(merchant, "certificate_pem"), 0644);
        settings_.wechat_pay_private_key_file =
            write("apiclient_key.pem", text_at(merchant, "private_key_pkcs8_pem"));
        settings_.wechat_pay_apiv3_key = Secret{std::string(32, 'k')};
        settings_.wechat_pay_public_key_id = text_at(platform, "id");
        settings_.wechat_pay_public_key_file =
            write("pub_key.pem", text_at(platform, "public_key_pem"), 0644);
        settings_.wechat_pay_platform_certificate_files = {
            write("wechatpay_1.pem", text_at(certificate, "certificate_pem"), 0644)};
    }
    ~WechatSettingsFiles() { std::filesystem::remove_all(folder_); }

    WechatSettingsFiles(const WechatSettingsFiles&) = delete;
    WechatSettingsFiles& operator=(const WechatSettingsFiles&) = delete;

    std::string write(const std::string& name, const std::string& text, unsigned mode = 0600) {
        const std::filesystem::path file = folder_ / name;
        std::filesystem::remove(file);
        std::ofstream{file} << text;
        std::filesystem::permissions(file, static_cast<std::filesystem::perms>(mode));
        return file.string();
    }
    std::string name_of(const std::string& file) const { return (folder_ / file).string(); }

    std::filesystem::path folder_;
    runtime::Config settings_;
};

}  // namespace doorbuster::test
