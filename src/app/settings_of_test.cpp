#include "app/settings_of.hpp"

#include <gtest/gtest.h>

namespace doorbuster::app {
namespace {

using Mode = flash_sale::Captchas::Mode;

runtime::Config config_with(std::string captcha, std::string payment, std::string host) {
    runtime::Config config;
    config.flash_sale_captcha = std::move(captcha);
    config.wechat_pay_mode = std::move(payment);
    config.host = std::move(host);
    return config;
}

TEST(SettingsOf, a_captcha_that_keeps_nobody_out_is_for_tests_alone) {
    for (const char* host : {"127.0.0.1", "127.1.2.3", "::1"}) {
        EXPECT_EQ(shopper_settings(config_with("fixed", "sandbox", host)).captcha, Mode::fixed);
        for (const char* payment : {"live", "off"}) {
            EXPECT_THROW(
                shopper_settings(config_with("fixed", payment, host)), runtime::ConfigError
            );
        }
    }
    runtime::Config with_alipay = config_with("fixed", "sandbox", "127.0.0.1");
    with_alipay.alipay_mode = "live";
    EXPECT_THROW(shopper_settings(with_alipay), runtime::ConfigError) << "money is real there";
    for (const char* host : {"0.0.0.0", "::", "192.0.2.1", "localhost", ""}) {
        EXPECT_THROW(shopper_settings(config_with("fixed", "sandbox", host)), runtime::ConfigError)
            << host;
        EXPECT_EQ(shopper_settings(config_with("image", "live", host)).captcha, Mode::image);
    }
    EXPECT_EQ(shopper_settings(config_with("fixed", "auto", "127.0.0.1")).captcha, Mode::fixed);
    EXPECT_EQ(shopper_settings(runtime::Config{}).captcha, Mode::image);
}

TEST(SettingsOf, the_limits_of_a_flash_sale_are_those_configured) {
    runtime::Config config;
    config.flash_sale_token_seconds = 30;
    config.flash_sale_address_per_minute = 0;
    config.flash_sale_user_per_minute = 7;
    const auto settings = shopper_settings(config);
    EXPECT_EQ(settings.lease, std::chrono::seconds{30});
    EXPECT_EQ(settings.quotas.address.count, 0);
    EXPECT_EQ(settings.quotas.user.count, 7);
    EXPECT_EQ(settings.quotas.user.window, std::chrono::minutes{1});
    EXPECT_EQ(settings.quotas.item.count, config.flash_sale_item_per_second);
    EXPECT_EQ(settings.quotas.item.window, std::chrono::seconds{1});
    EXPECT_EQ(settings.quotas.route.count, config.flash_sale_route_per_second);
}

TEST(SettingsOf, the_queue_of_a_flash_sale_is_as_configured) {
    runtime::Config config;
    EXPECT_EQ(flash_sale_settings(config).batches.queue_age_max, Milliseconds{250});
    config.flash_sale_queue_max = 100;
    config.flash_sale_queue_milliseconds = 900;
    config.flash_sale_queue_age_milliseconds = 120;
    const auto batches = flash_sale_settings(config).batches;
    EXPECT_EQ(batches.queue_max, 100u);
    EXPECT_EQ(batches.wait_max, Milliseconds{900});
    EXPECT_EQ(batches.queue_age_max, Milliseconds{120});
}

}  // namespace
}  // namespace doorbuster::app
