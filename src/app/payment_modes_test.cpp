#include "app/payment_modes.hpp"

#include <gtest/gtest.h>

namespace doorbuster::app {
namespace {

runtime::Config config_with(const std::string& wechat_pay, const std::string& alipay) {
    runtime::Config config;
    config.wechat_pay_mode = wechat_pay;
    config.alipay_mode = alipay;
    return config;
}

std::string resolved(const std::string& wechat_pay, const std::string& alipay) {
    const PaymentModes modes = payment_modes(config_with(wechat_pay, alipay));
    return modes.wechat_pay + ' ' + modes.alipay;
}

std::string refusal(const runtime::Config& config) {
    try {
        static_cast<void>(checked_payment_modes(config));
    } catch (const runtime::ConfigError& error) {
        return error.what();
    }
    return "";
}

TEST(PaymentModes, are_the_simulator_for_who_has_set_nothing) {
    const runtime::Config defaults;
    EXPECT_EQ(resolved(defaults.wechat_pay_mode, defaults.alipay_mode), "sandbox sandbox");
    EXPECT_TRUE(payment_modes(defaults).is_play_money());
}

TEST(PaymentModes, that_nobody_set_are_off_beside_one_that_is_real_or_not_wanted) {
    EXPECT_EQ(resolved("live", "auto"), "live off");
    EXPECT_EQ(resolved("auto", "live"), "off live");
    EXPECT_EQ(resolved("off", "auto"), "off off");
    EXPECT_EQ(resolved("auto", "off"), "off off");
}

TEST(PaymentModes, that_somebody_set_are_what_he_set) {
    EXPECT_EQ(resolved("sandbox", "auto"), "sandbox sandbox");
    EXPECT_EQ(resolved("auto", "sandbox"), "sandbox sandbox");
    for (const std::string wechat_pay : {"sandbox", "live", "off"}) {
        for (const std::string alipay : {"sandbox", "live", "off"}) {
            EXPECT_EQ(resolved(wechat_pay, alipay), wechat_pay + ' ' + alipay);
        }
    }
}

TEST(PaymentModes, that_nobody_set_stand_in_nobodys_way) {
    for (const std::string mode : {"auto", "sandbox", "live", "off"}) {
        EXPECT_EQ(refusal(config_with(mode, "auto")), "") << mode;
        EXPECT_EQ(refusal(config_with("auto", mode)), "") << mode;
    }
    EXPECT_EQ(refusal(config_with("live", "live")), "");
    EXPECT_EQ(refusal(config_with("off", "sandbox")), "");
}

TEST(PaymentModes, with_play_money_beside_real_money_are_refused) {
    EXPECT_EQ(
        refusal(config_with("live", "sandbox")),
        "alipay.mode: sandbox is play money, and wechat_pay.mode is live: set live or off"
    );
    EXPECT_EQ(
        refusal(config_with("sandbox", "live")),
        "wechat_pay.mode: sandbox is play money, and alipay.mode is live: set live or off"
    );
}

TEST(PaymentModes, tell_whether_all_that_is_paid_is_play_money) {
    const auto is_play = [](const char* wechat_pay, const char* alipay) {
        return payment_modes(config_with(wechat_pay, alipay)).is_play_money();
    };
    EXPECT_TRUE(is_play("off", "sandbox"));
    EXPECT_TRUE(is_play("sandbox", "off"));
    EXPECT_FALSE(is_play("live", "auto"));
    EXPECT_FALSE(is_play("auto", "live"));
    EXPECT_FALSE(is_play("sandbox", "live"));
    EXPECT_FALSE(is_play("off", "off")) << "nothing is paid at all";
}

}  // namespace
}  // namespace doorbuster::app
