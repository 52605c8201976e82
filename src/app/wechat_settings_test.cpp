#include "app/wechat_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "app/setting_files.hpp"
#include "support/wechat_settings_files.hpp"

namespace doorbuster::app {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class WechatSettings : public testing::Test, protected test::WechatSettingsFiles {
protected:
    // The line with which the server would refuse to start.
    std::string refusal() const {
        try {
            static_cast<void>(wechat_pay::check(wechat_settings(settings_)));
            return "accepted";
        } catch (const pay_wire::BadConfig& bad) {
            return in_settings_words(bad.what());
        }
    }
};

TEST_F(WechatSettings, that_are_right_are_accepted) {
    EXPECT_EQ(refusal(), "accepted");
    const auto config = wechat_settings(settings_);
    EXPECT_EQ(config.notify_url, "https://shop.test/api/v1/payments/notifications/wechat_pay");
    EXPECT_EQ(config.refund_notify_url, config.notify_url + "/refunds");
}

TEST_F(WechatSettings, in_platform_certificate_mode_need_no_key_of_wechat_pays) {
    settings_.wechat_pay_public_key_id.clear();
    settings_.wechat_pay_public_key_file.clear();
    settings_.wechat_pay_platform_certificate_files.clear();
    EXPECT_THAT(refusal(), StartsWith("wechat_pay.public_key_file: must be set, or"));
    settings_.wechat_pay_platform_certificates = true;
    EXPECT_EQ(refusal(), "accepted");
}

TEST_F(WechatSettings, an_apiv3_key_may_be_in_a_file_with_a_line_break_behind_it) {
    settings_.wechat_pay_apiv3_key = Secret{};
    settings_.wechat_pay_apiv3_key_file = write("apiv3.key", std::string(32, 'k') + "\r\n");
    EXPECT_EQ(refusal(), "accepted");
    settings_.wechat_pay_apiv3_key_file = write("apiv3.key", std::string(31, 'k') + "\n");
    EXPECT_EQ(refusal(), "wechat_pay.apiv3_key: has 31 bytes, must have exactly 32");
    settings_.wechat_pay_apiv3_key_file = write("apiv3.key", std::string(32, 'k'), 0640);
    EXPECT_THAT(refusal(), StartsWith("wechat_pay.apiv3_key_file: "));
    EXPECT_THAT(refusal(), HasSubstr("others may read it"));
    settings_.wechat_pay_apiv3_key = Secret{std::string(32, 'k')};
    EXPECT_THAT(refusal(), StartsWith("wechat_pay.apiv3_key_file: apiv3_key is set too"));
}

TEST_F(WechatSettings, that_are_wrong_are_refused_by_one_line_that_says_which_and_why) {
    const auto& keys = test::wechat_keys();
    const std::string merchant_public = test::text_at(keys.at("merchant"), "public_key_pem");
    const std::string merchant_private =
        test::text_at(keys.at("merchant"), "private_key_pkcs8_pem");
    const std::string merchant_certificate = test::text_at(keys.at("merchant"), "certificate_pem");
    const std::string strangers_key = test::text_at(keys.at("stranger"), "private_key_pem");
    const runtime::Config good = settings_;
    using Spoil = std::function<void()>;
    const std::pair<const char*, Spoil> cases[] = {
        {"wechat_pay.mchid: must be", [&] { settings_.wechat_pay_mchid.clear(); }},
        {"wechat_pay.appid: must be", [&] { settings_.wechat_pay_appid = "wx 1"; }},
        {"wechat_pay.serial_no: is not that of certificate_file, which is ",
         [&] { settings_.wechat_pay_serial_no = "ABCDEF"; }},
        {"wechat_pay.serial_no: must be the serial number",
         [&] {
             settings_.wechat_pay_serial_no.clear();
             settings_.wechat_pay_certificate_file.clear();
         }},
        {"wechat_pay.certificate_file: is not an RSA certificate",
         [&] { write("apiclient_cert.pem", merchant_public, 0644); }},
        {"wechat_pay.private_key_file: must be set",
         [&] { settings_.wechat_pay_private_key_file.clear(); }},
        {"wechat_pay.private_key_file: key file ",
         [&] { settings_.wechat_pay_private_key_file = name_of("missing.pem"); }},
        {"wechat_pay.private_key_file: key file ",
         [&] { write("apiclient_key.pem", merchant_private, 0644); }},
        {"wechat_pay.private_key_file: is not an RSA private key",
         [&] { write("apiclient_key.pem", merchant_certificate); }},
        {"wechat_pay.private_key_file: is not the key of the certificate in certificate_file",
         [&] { write("apiclient_key.pem", strangers_key); }},
        {"wechat_pay.apiv3_key: has 31 bytes, must have exactly 32",
         [&] { settings_.wechat_pay_apiv3_key = Secret{std::string(31, 'k')}; }},
        {"wechat_pay.apiv3_key: has 0 bytes", [&] { settings_.wechat_pay_apiv3_key = Secret{}; }},
        {"wechat_pay.public_key_id: must begin with PUB_KEY_ID_",
         [&] { settings_.wechat_pay_public_key_id = "0000000000000024101100397200000006"; }},
        {"wechat_pay.public_key_id: must begin with PUB_KEY_ID_",
         [&] { settings_.wechat_pay_public_key_id.clear(); }},
        {"wechat_pay.public_key_file: must be set with public_key_id",
         [&] { settings_.wechat_pay_public_key_file.clear(); }},
        {"wechat_pay.public_key_file: is not an RSA public key",
         [&] { write("pub_key.pem", merchant_private, 0600); }},
        {"wechat_pay.public_key_file: is the merchant's own key",
         [&] { write("pub_key.pem", merchant_public, 0644); }},
        {"wechat_pay.public_key_file: key file ",
         [&] { write("pub_key.pem", merchant_public, 0666); }},
        {"wechat_pay.platform_certificate_files: one is not an RSA certificate",
         [&] { write("wechatpay_1.pem", merchant_public, 0644); }},
        {"wechat_pay.platform_certificate_files: is the merchant's own key",
         [&] { write("wechatpay_1.pem", merchant_certificate, 0644); }},
        {"wechat_pay.base_url: must begin with https://",
         [&] { settings_.wechat_pay_base_url = "http://api.mch.weixin.qq.com"; }},
        {"wechat_pay.backup_url: is not a URL",
         [&] { settings_.wechat_pay_backup_url = "https://"; }},
        {"public_url: must be set", [&] { settings_.public_url.clear(); }},
        {"public_url: as notify_url of wechat_pay it must begin with https://",
         [&] { settings_.public_url = "http://shop.test"; }},
        {"public_url: as notify_url of wechat_pay it must have no query",
         [&] { settings_.public_url = "https://shop.test/?a="; }},
    };
    for (const auto& [beginning, spoil] : cases) {
        settings_ = good;
        write("apiclient_cert.pem", merchant_certificate, 0644);
        write("apiclient_key.pem", merchant_private);
        write("pub_key.pem", test::text_at(keys.at("public_key_mode"), "public_key_pem"), 0644);
        const auto& platform = keys.at("platform_certificates").at(0);
        write("wechatpay_1.pem", test::text_at(platform, "certificate_pem"), 0644);
        ASSERT_EQ(refusal(), "accepted");
        spoil();
        const std::string line = refusal();
        EXPECT_THAT(line, StartsWith(beginning));
        EXPECT_THAT(line, Not(HasSubstr("\n")));
        EXPECT_THAT(line, Not(HasSubstr("PRIVATE"))) << "no refusal repeats a key";
        EXPECT_THAT(line, Not(HasSubstr("kkkk")));
    }
}

}  // namespace
}  // namespace doorbuster::app
