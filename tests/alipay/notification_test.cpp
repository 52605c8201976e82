#include <gtest/gtest.h>

#include "alipay_world.hpp"

// What the simulator notifies, as the adapter reads it.
namespace doorbuster::alipay {
namespace {

using State = ProviderTrade::State;

const std::string kNumber = "SK2026112300000001";

TEST(AlipayNotifications, tell_of_a_payment_once_it_is_made) {
    AlipayWorld world;
    world.pay(kNumber);
    world.deliver();
    ASSERT_EQ(world.accepted.size(), 1u);
    EXPECT_TRUE(world.refused.empty());
    const ProviderNotification& told = world.accepted[0];
    EXPECT_TRUE(told.is_payment);
    EXPECT_EQ(told.trade.state, State::paid);
    EXPECT_EQ(told.trade.out_trade_no, kNumber);
    EXPECT_EQ(told.trade.amount, Money::fen(8888));
    EXPECT_EQ(told.trade.merchant, world.provider.merchant());
    EXPECT_EQ(told.trade.seller, world.provider.seller());
    EXPECT_EQ(told.trade.transaction_id, world.query(kNumber).value->transaction_id);
}

TEST(AlipayNotifications, come_in_certificate_mode_too) {
    AlipayWorld world{KeyMode::certificates};
    world.pay(kNumber);
    world.query(kNumber);  // learns of the certificate that signs now
    world.deliver();
    EXPECT_EQ(world.accepted.size(), 1u);
    EXPECT_TRUE(world.refused.empty());
}

TEST(AlipayNotifications, come_again_until_the_shop_has_taken_them) {
    AlipayWorld world;
    world.pay(kNumber);
    world.shop_is_down = true;
    world.deliver();
    world.shop_is_down = false;
    EXPECT_EQ(world.deliver(), 0) << "not before four minutes have passed";
    world.clock.advance(std::chrono::minutes{5});
    world.deliver();
    EXPECT_EQ(world.accepted.size(), 1u);
    world.clock.advance(std::chrono::hours{2});
    EXPECT_EQ(world.deliver(), 0);
}

TEST(AlipayNotifications, of_refunds_are_no_payments) {
    AlipayWorld world;
    world.pay(kNumber);
    world.deliver();
    world.refund(AlipayWorld::refund_order(kNumber, "RF1", 30));
    world.deliver();
    world.refund(AlipayWorld::refund_order(kNumber, "RF2", 8858));
    world.deliver();
    ASSERT_GE(world.accepted.size(), 2u);
    for (std::size_t i = 1; i < world.accepted.size(); ++i) {
        EXPECT_FALSE(world.accepted[i].is_payment) << i;
        ASSERT_TRUE(world.accepted[i].refund) << i;
        EXPECT_EQ(world.accepted[i].refund->out_refund_no, "RF" + std::to_string(i));
        EXPECT_EQ(world.accepted[i].refund->out_trade_no, kNumber);
    }
}

}  // namespace
}  // namespace doorbuster::alipay
