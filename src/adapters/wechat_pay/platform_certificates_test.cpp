#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/wechat_pay_platform.hpp"

namespace doorbuster::wechat_pay {
namespace {

using namespace std::chrono_literals;
using State = ProviderTrade::State;
using testing::ElementsAre;

constexpr auto kNumber = "SK20261122000001";

Config certificates_only() {
    Config config = test::wechat_config();
    config.public_key_id.clear();
    config.public_key_pem.clear();
    config.platform_certificate_pems.clear();
    config.fetch_platform_certificates = true;
    return config;
}

class PlatformCertificates : public test::PlatformCertificateMode {
protected:
    PlatformCertificates() {
        body_ = R"({"appid":"wxd678efh567hg6787","mchid":"1900000001","out_trade_no":")" + number_ +
                R"(","trade_state":"NOTPAY"})";
    }

    bool query(WechatPay& provider) { return test::run(provider.query(number_)).value.has_value(); }
    bool query() { return query(shop_); }
    void minute_passes(WechatPay& provider) {
        clock_.advance(61s);
        test::run(provider.keep_certificates());
    }
    // Whether a notification signed by a certificate verifies. It is one of refunds that nobody
    // knows, so that its content does not matter.
    std::string verdict_on_notification(std::size_t index) {
        OutboundResponse told = signed_by(index, "{}");
        std::string reason;
        static_cast<void>(shop_.verify_notification(told.headers, told.body, clock_.now(), reason));
        return reason == "malformed" ? "ok" : reason;
    }
    std::vector<std::string> trusted(const WechatPay& provider) const {
        std::vector<std::string> serials;
        for (const auto& [serial, key] : *provider.trusted()) serials.push_back(serial);
        return serials;
    }

    const std::string number_ = kNumber;
    WechatPay shop_{certificates_only(), http_, clock_, random_};
};

TEST_F(PlatformCertificates, need_no_key_at_the_first_start) {
    ASSERT_TRUE(query());
    EXPECT_EQ(downloads_, 1) << "they were fetched before anything was asked";
    EXPECT_THAT(trusted(shop_), ElementsAre(serial(0)));
    ASSERT_TRUE(query());
    EXPECT_EQ(downloads_, 1);
}

TEST_F(PlatformCertificates, are_not_believed_at_the_first_start_without_proof) {
    apiv3_key_ = std::string(32, 'x');
    EXPECT_FALSE(query()) << "sealed by someone who does not know our key";
    apiv3_key_ = test::text_at(test::wechat_keys(), "apiv3_key");
    clock_.advance(61s);
    published_ = {{1, start() + 24h * 30}};
    EXPECT_FALSE(query()) << "signed by one that is not in the list";
    EXPECT_TRUE(trusted(shop_).empty());
    clock_.advance(61s);
    published_ = {{0, start() + 24h * 30}};
    EXPECT_TRUE(query()) << "and nothing of that is for ever";
}

TEST_F(PlatformCertificates, are_fetched_again_every_minute_until_they_come) {
    certificates_come_ = false;
    for (int i = 0; i < 3; ++i) {
        minute_passes(shop_);
        test::run(shop_.keep_certificates());
        EXPECT_EQ(downloads_, i + 1);
    }
    certificates_come_ = true;
    minute_passes(shop_);
    EXPECT_EQ(downloads_, 4);
    minute_passes(shop_);
    EXPECT_EQ(downloads_, 4) << "they are fresh now";
}

TEST_F(PlatformCertificates, are_fetched_again_after_twelve_hours) {
    minute_passes(shop_);
    ASSERT_EQ(downloads_, 1);
    clock_.advance(12h - 62s);
    minute_passes(shop_);
    EXPECT_EQ(downloads_, 1);
    minute_passes(shop_);
    EXPECT_EQ(downloads_, 2);
}

// WeChat Pay publishes a second certificate, signs with it some time later, and lets the first end.
TEST_F(PlatformCertificates, may_change_in_mid_run) {
    minute_passes(shop_);
    published_[1] = start() + 24h * 365;
    clock_.advance(12h);
    minute_passes(shop_);
    EXPECT_THAT(trusted(shop_), testing::UnorderedElementsAre(serial(0), serial(1)));

    signer_ = 1;
    EXPECT_TRUE(query());
    EXPECT_EQ(downloads_, 2) << "it was known before it was used";
    EXPECT_EQ(verdict_on_notification(0), "ok") << "on its way since before the change";

    published_.erase(0);
    clock_.advance(12h);
    minute_passes(shop_);
    EXPECT_EQ(verdict_on_notification(0), "ok") << "gone from the list, but not expired";
    clock_.jump(start() + 24h * 30 - clock_.now());
    EXPECT_EQ(verdict_on_notification(0), "unknown_serial");
    EXPECT_EQ(verdict_on_notification(1), "ok");
    minute_passes(shop_);
    EXPECT_THAT(trusted(shop_), ElementsAre(serial(1)));
}

TEST_F(PlatformCertificates, that_change_without_warning_are_fetched_at_the_first_unknown_serial) {
    ASSERT_TRUE(query());
    published_[1] = start() + 24h * 365;
    signer_ = 1;
    clock_.advance(61s);
    EXPECT_TRUE(query()) << "the answer is verified with what was fetched because of it";
    EXPECT_EQ(downloads_, 2);
}

TEST_F(PlatformCertificates, that_a_notification_names_are_fetched_by_the_next_minute) {
    ASSERT_TRUE(query());
    published_[1] = start() + 24h * 365;
    signer_ = 1;
    EXPECT_EQ(verdict_on_notification(1), "unknown_serial");
    minute_passes(shop_);
    EXPECT_EQ(downloads_, 2);
    EXPECT_EQ(verdict_on_notification(1), "ok") << "as WeChat Pay tells it again";
}

TEST_F(PlatformCertificates, are_fetched_once_a_minute_whoever_makes_up_serials) {
    ASSERT_TRUE(query());
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(verdict_on_notification(1), "unknown_serial");
        ASSERT_TRUE(query());
        test::run(shop_.keep_certificates());
    }
    EXPECT_EQ(downloads_, 1);
    clock_.advance(61s);
    ASSERT_TRUE(query());
    EXPECT_EQ(downloads_, 2);
}

TEST_F(PlatformCertificates, and_the_public_key_both_verify_while_the_merchant_changes_over) {
    Config config = certificates_only();
    config.public_key_id = test::wechat_config().public_key_id;
    config.public_key_pem = test::wechat_config().public_key_pem;
    WechatPay shop{config, http_, clock_, random_};
    listed_by_public_key_ = true;
    minute_passes(shop);
    EXPECT_EQ(trusted(shop).size(), 2u) << "the list may be signed by the public key";
    EXPECT_TRUE(query(shop)) << "this answer is signed by the certificate";
    answers_ = [this](const OutboundRequest&) { return answered(200, body_); };
    EXPECT_TRUE(query(shop)) << "and this one by the public key";
}

TEST_F(PlatformCertificates, that_are_configured_are_trusted_from_the_start) {
    Config config = certificates_only();
    config.platform_certificate_pems = {test::text_at(certificate(0), "certificate_pem")};
    WechatPay shop{config, http_, clock_, random_};
    ASSERT_TRUE(query(shop));
    EXPECT_EQ(downloads_, 0);
    minute_passes(shop);
    EXPECT_EQ(downloads_, 1) << "and kept up to date";
}

TEST_F(PlatformCertificates, are_not_asked_for_in_public_key_mode) {
    minute_passes(provider_);
    EXPECT_EQ(downloads_, 0);
}

}  // namespace
}  // namespace doorbuster::wechat_pay
