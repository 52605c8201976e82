#include "adapters/alipay/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "support/alipay_fixture.hpp"

namespace doorbuster::alipay {
namespace {

using test::text_at;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Spoil = std::function<void(Config&)>;

std::string refusal(Config config, const Spoil& spoil) {
    spoil(config);
    try {
        static_cast<void>(check(config));
        return "accepted";
    } catch (const BadConfig& bad) {
        return bad.what();
    }
}
std::string with_key(const Spoil& spoil) { return refusal(test::alipay_config(), spoil); }
std::string with_certificates(const Spoil& spoil) {
    return refusal(test::alipay_certificate_config(), spoil);
}
void expect_names(const std::string& line, const char* beginning) {
    EXPECT_THAT(line, StartsWith(beginning));
    EXPECT_THAT(line, Not(HasSubstr("\n")));
}

TEST(Config, is_accepted_in_either_mode) {
    EXPECT_EQ(with_key([](Config&) {}), "accepted");
    EXPECT_EQ(with_certificates([](Config&) {}), "accepted");
    EXPECT_EQ(with_key([](Config& c) { c.return_url.clear(); }), "accepted");
}

TEST(Config, a_refusal_is_one_line_that_names_the_setting) {
    const std::pair<const char*, Spoil> spoilt[] = {
        {"alipay.app_id:", [](Config& c) { c.app_id = ""; }},
        {"alipay.app_id:", [](Config& c) { c.app_id = "2021&x=1"; }},
        {"alipay.seller_id:", [](Config& c) { c.seller_id = "shop@example.com"; }},
        {"alipay.private_key_file:", [](Config& c) { c.private_key = Secret{"no key"}; }},
        {"alipay.public_key_file:", [](Config& c) { c.public_key = "no key"; }},
        {"alipay.public_key_file:", [](Config& c) { c.public_key.clear(); }},
        {"alipay.public_key_file:", [](Config& c) { c.app_certificate = "both modes"; }},
        {"alipay.gateway_url:", [](Config& c) { c.gateway_url = "openapi.alipay.com"; }},
        {"alipay.gateway_url:", [](Config& c) { c.gateway_url = "http://openapi.alipay.com/g"; }},
        {"alipay.gateway_url:", [](Config& c) { c.gateway_url = "https://openapi.alipay.com"; }},
        {"alipay.gateway_url:", [](Config& c) { c.gateway_url = "https://a.test/g?charset=gbk"; }},
        {"alipay.notify_url:", [](Config& c) { c.notify_url = "https://shop.test/n?a=1"; }},
        {"alipay.notify_url:", [](Config& c) { c.notify_url = ""; }},
        {"alipay.return_url:", [](Config& c) { c.return_url = "javascript:alert(1)"; }},
        {"alipay.return_url:",
         [](Config& c) { c.return_url = "https://shop.test/" + std::string(256, 'x'); }},
    };
    for (const auto& [beginning, spoil] : spoilt) expect_names(with_key(spoil), beginning);
}

TEST(Config, says_which_certificate_is_wrong) {
    const auto& files = test::alipay_keys().at("certificate_mode");
    const std::string app = text_at(files, "app_cert_pem");
    const std::string alipay = text_at(files, "alipay_cert_pem");
    const std::pair<const char*, Spoil> spoilt[] = {
        {"alipay.app_cert_file:", [](Config& c) { c.app_certificate = ""; }},
        {"alipay.app_cert_file: does not belong", [&](Config& c) { c.app_certificate = alipay; }},
        {"alipay.alipay_cert_file:", [](Config& c) { c.alipay_certificate = ""; }},
        {"alipay.alipay_cert_file: is the application's own",
         [&](Config& c) { c.alipay_certificate = app; }},
        {"alipay.root_cert_file:", [](Config& c) { c.root_certificates = ""; }},
        {"alipay.root_cert_file:", [](Config& c) { c.root_certificates = c.public_key; }}};
    for (const auto& [beginning, spoil] : spoilt) expect_names(with_certificates(spoil), beginning);
}

TEST(Config, refuses_the_applications_own_key_as_that_of_alipay) {
    const auto own = [](Config& c) {
        c.public_key = text_at(test::alipay_keys().at("app"), "public_key_bare");
    };
    EXPECT_THAT(with_key(own), HasSubstr("own key"));
}

TEST(Config, plain_http_leads_to_this_machine_only_unless_allowed) {
    const auto to = [](const char* url, bool allowed) {
        return with_key([=](Config& c) {
            c.gateway_url = url;
            c.plain_http_allowed = allowed;
        });
    };
    EXPECT_EQ(to("http://127.0.0.1:8080/sandbox/alipay/gateway.do", false), "accepted");
    EXPECT_EQ(to("http://[::1]:8080/gateway.do", false), "accepted");
    EXPECT_NE(to("http://127.0.0.1.evil.test/gateway.do", false), "accepted");
    EXPECT_NE(to("http://simulator:8080/gateway.do", false), "accepted");
    EXPECT_EQ(to("http://simulator:8080/gateway.do", true), "accepted");
}

TEST(Config, no_refusal_repeats_a_secret) {
    const std::string secret = "c2VjcmV0LXRleHQ=";
    EXPECT_THAT(
        with_key([&](Config& c) { c.private_key = Secret{secret}; }), Not(HasSubstr(secret))
    );
}

}  // namespace
}  // namespace doorbuster::alipay
