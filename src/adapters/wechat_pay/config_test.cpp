#include "adapters/wechat_pay/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "support/wechat_pay_fixture.hpp"

namespace doorbuster::wechat_pay {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string refusal(const std::function<void(Config&)>& spoil) {
    Config config = test::wechat_config();
    spoil(config);
    try {
        static_cast<void>(check(config));
        return "accepted";
    } catch (const BadConfig& bad) {
        return bad.what();
    }
}

TEST(Config, is_accepted_with_either_kind_of_key_and_with_both) {
    EXPECT_EQ(refusal([](Config&) {}), "accepted");
    EXPECT_EQ(refusal([](Config& c) { c.platform_certificate_pems.clear(); }), "accepted");
    const auto certificates_only = [](Config& c) {
        c.public_key_id.clear();
        c.public_key_pem.clear();
    };
    EXPECT_EQ(refusal(certificates_only), "accepted");
}

TEST(Config, a_refusal_is_one_line_that_names_the_setting) {
    const std::pair<const char*, std::function<void(Config&)>> spoilt[] = {
        {"wechat_pay.mchid:", [](Config& c) { c.mchid = ""; }},
        {"wechat_pay.mchid:", [](Config& c) { c.mchid = "19\"00"; }},
        {"wechat_pay.appid:", [](Config& c) { c.appid = std::string(33, 'x'); }},
        {"wechat_pay.serial_no:", [](Config& c) { c.merchant_serial = "A\r\nB"; }},
        {"wechat_pay.apiv3_key:", [](Config& c) { c.apiv3_key = Secret{"short"}; }},
        {"wechat_pay.private_key_file:", [](Config& c) { c.private_key_pem = Secret{"no key"}; }},
        {"wechat_pay.public_key_file:", [](Config& c) { c.public_key_pem = "no key"; }},
        {"wechat_pay.public_key_id:", [](Config& c) { c.public_key_id = "PUB"; }},
        {"wechat_pay.platform_certificate_files:",
         [](Config& c) { c.platform_certificate_pems = {"no certificate"}; }},
        {"wechat_pay.base_url:", [](Config& c) { c.base_url = "api.mch.weixin.qq.com"; }},
        {"wechat_pay.base_url:", [](Config& c) { c.base_url = "http://api.mch.weixin.qq.com"; }},
        {"wechat_pay.base_url:", [](Config& c) { c.base_url = "http://127.0.0.1.evil.test"; }},
        {"wechat_pay.base_url:", [](Config& c) { c.base_url = "https://"; }},
        {"wechat_pay.backup_url:", [](Config& c) { c.backup_url = "ftp://backup.test"; }},
        {"wechat_pay.backup_url: must have the same path",
         [](Config& c) { c.backup_url = "https://backup.test/v2"; }},
        {"wechat_pay.notify_url:", [](Config& c) { c.notify_url = "https://shop.test/n?a=1"; }},
        {"wechat_pay.notify_url:", [](Config& c) { c.notify_url = "https://shop.test"; }},
        {"wechat_pay.notify_url:",
         [](Config& c) { c.notify_url = "https://shop.test/" + std::string(255, 'x'); }},
    };
    for (const auto& [beginning, spoil] : spoilt) {
        const std::string line = refusal(spoil);
        EXPECT_THAT(line, StartsWith(beginning));
        EXPECT_THAT(line, Not(HasSubstr("\n")));
    }
}

TEST(Config, an_apiv3_key_that_is_a_byte_short_is_told_its_length) {
    const auto short_key = [](Config& c) { c.apiv3_key = Secret{std::string(31, 'k')}; };
    EXPECT_EQ(refusal(short_key), "wechat_pay.apiv3_key: has 31 bytes, must have exactly 32");
}

TEST(Config, the_key_and_the_serial_must_be_those_of_the_merchants_certificate) {
    const auto& merchant = test::wechat_keys().at("merchant");
    const auto with_certificate = [&](Config& c) {
        c.merchant_certificate_pem = test::text_at(merchant, "certificate_pem");
    };
    EXPECT_EQ(refusal(with_certificate), "accepted");
    const auto without_serial = [&](Config& c) {
        with_certificate(c);
        c.merchant_serial.clear();
    };
    EXPECT_EQ(refusal(without_serial), "accepted");
    Config config = test::wechat_config();
    without_serial(config);
    EXPECT_EQ(check(config).merchant_serial, test::text_at(merchant, "serial_no"));
    EXPECT_TRUE(check(config).merchant_certificate_ends);
    const auto another_serial = [&](Config& c) {
        with_certificate(c);
        c.merchant_serial = "0123";
    };
    EXPECT_THAT(refusal(another_serial), StartsWith("wechat_pay.serial_no: is not that of"));
    const auto another_key = [&](Config& c) {
        with_certificate(c);
        const auto& stranger = test::wechat_keys().at("stranger");
        c.private_key_pem = Secret{test::text_at(stranger, "private_key_pem")};
    };
    EXPECT_THAT(refusal(another_key), StartsWith("wechat_pay.private_key_file: is not the key of"));
    EXPECT_THAT(
        refusal([](Config& c) { c.merchant_certificate_pem = "none"; }),
        StartsWith("wechat_pay.certificate_file:")
    );
}

TEST(Config, keys_of_wechat_pay_may_be_missing_only_where_they_are_fetched) {
    const auto none = [](Config& c) {
        c.public_key_id.clear();
        c.public_key_pem.clear();
        c.platform_certificate_pems.clear();
    };
    EXPECT_THAT(refusal(none), StartsWith("wechat_pay.public_key_file: must be set, or"));
    const auto fetched = [&](Config& c) {
        none(c);
        c.fetch_platform_certificates = true;
    };
    EXPECT_EQ(refusal(fetched), "accepted");
    EXPECT_THAT(
        refusal([](Config& c) { c.public_key_pem.clear(); }),
        StartsWith("wechat_pay.public_key_file: must be set with")
    );
}

TEST(Config, plain_http_leads_to_this_machine_only_unless_allowed) {
    const auto to = [](const char* url, bool allowed) {
        return refusal([=](Config& c) {
            c.base_url = url;
            c.plain_http_allowed = allowed;
        });
    };
    EXPECT_EQ(to("http://127.0.0.1:8080/sandbox/wechat_pay", false), "accepted");
    EXPECT_EQ(to("http://localhost:8080", false), "accepted");
    EXPECT_EQ(to("http://[::1]:8080", false), "accepted");
    EXPECT_NE(to("http://simulator:8080", false), "accepted");
    EXPECT_EQ(to("http://simulator:8080", true), "accepted");
}

TEST(Config, refuses_the_merchants_own_key_as_that_of_wechat_pay) {
    const auto& merchant = test::wechat_keys().at("merchant");
    const auto own_public = [&](Config& c) {
        c.public_key_pem = test::text_at(merchant, "public_key_pem");
    };
    EXPECT_THAT(refusal(own_public), HasSubstr("own key"));
    const auto own_certificate = [&](Config& c) {
        c.platform_certificate_pems = {test::text_at(merchant, "certificate_pem")};
    };
    EXPECT_THAT(refusal(own_certificate), HasSubstr("own key"));
}

TEST(Config, no_refusal_repeats_a_secret) {
    const std::string secret = "a-secret-that-is-not-32-bytes";
    EXPECT_THAT(refusal([&](Config& c) { c.apiv3_key = Secret{secret}; }), Not(HasSubstr(secret)));
    EXPECT_THAT(
        refusal([&](Config& c) { c.private_key_pem = Secret{secret}; }), Not(HasSubstr(secret))
    );
}

}  // namespace
}  // namespace doorbuster::wechat_pay
