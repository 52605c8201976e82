// Platform certificates that change while a shop takes money.
#include <gtest/gtest.h>

#include "wechat_world.hpp"

namespace doorbuster::wechat_pay {
namespace {

using namespace std::chrono_literals;

Config certificates_only(const sandbox::MerchantSide& merchant) {
    Config config = config_for(merchant, "http://127.0.0.1:8080");
    config.public_key_id.clear();
    config.public_key_pem.clear();
    config.fetch_platform_certificates = true;
    return config;
}

class Rotation : public testing::Test {
protected:
    bool buys(const std::string& number) {
        const ProviderOrder order = world_.order(number);
        const auto created = test::run(shop_.create(order));
        if (!created.value || world_.scan(*created.value).status != 200) return false;
        const auto found = test::run(shop_.query(number));
        return found.value && found.value->state == ProviderTrade::State::paid;
    }
    std::size_t trusted() const { return shop_.trusted()->size(); }

    WechatWorld world_{{.platform_certificates = true}};
    WechatPay shop_{
        certificates_only(world_.sandbox.merchant()), world_.network, world_.clock, world_.random};
};

TEST_F(Rotation, in_mid_run_loses_no_payment) {
    ASSERT_TRUE(buys("SK2026112301")) << "no key was configured";
    for (const char* number : {"SK2026112302", "SK2026112303"}) {
        const std::size_t before = trusted();
        world_.clock.advance(61s);
        ASSERT_TRUE(world_.sandbox.rotate_key("wechat_pay"));
        EXPECT_TRUE(buys(number)) << "signed with a certificate that was not known";
        EXPECT_EQ(trusted(), before + 1);
    }
}

TEST_F(Rotation, faster_than_once_a_minute_is_caught_up_with) {
    ASSERT_TRUE(buys("SK2026112301"));
    ASSERT_TRUE(world_.sandbox.rotate_key("wechat_pay"));
    const std::string number = "SK2026112301";
    EXPECT_FALSE(test::run(shop_.query(number)).value) << "unknown, not believed";
    world_.clock.advance(61s);
    EXPECT_TRUE(test::run(shop_.query(number)).value);
}

TEST_F(Rotation, of_what_signs_notifications_is_known_by_their_next_try) {
    test::run(world_.provider.keep_certificates());
    ASSERT_TRUE(buys("SK2026112301"));
    world_.deliver();
    EXPECT_TRUE(world_.accepted.empty());
    EXPECT_EQ(world_.refused.front(), "unknown_serial") << "this shop has the public key only";
    world_.clock.advance(15s);
    test::run(world_.provider.keep_certificates());
    world_.deliver();
    EXPECT_EQ(world_.accepted.size(), 1u);
}

}  // namespace
}  // namespace doorbuster::wechat_pay
