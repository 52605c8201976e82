#include <gtest/gtest.h>

#include "wechat_world.hpp"

// The simulator's notifications, and the adapter's judgement of them.
namespace doorbuster::wechat_pay {
namespace {

using Point = sandbox::Faults::Point;
using State = ProviderTrade::State;

constexpr auto kNumber = "SK20261123000001";

std::string pay(WechatWorld& world, const std::string& number = kNumber) {
    const auto scanned = world.scan(world.created(world.order(number)));
    return scanned.text("/data/transaction_id");
}

TEST(WechatNotifications, tell_of_a_payment_once_it_is_accepted_and_never_again) {
    WechatWorld world;
    const std::string transaction = pay(world);
    EXPECT_EQ(world.deliver(), 1);
    ASSERT_EQ(world.accepted.size(), 1u);
    const ProviderNotification& told = world.accepted[0];
    EXPECT_TRUE(told.is_payment);
    EXPECT_EQ(told.trade.state, State::paid);
    EXPECT_EQ(told.trade.out_trade_no, kNumber);
    EXPECT_EQ(told.trade.transaction_id, transaction);
    EXPECT_EQ(told.trade.amount, Money::fen(8888));
    EXPECT_EQ(told.trade.merchant, world.provider.merchant());
    world.clock.advance(std::chrono::hours{48});
    EXPECT_EQ(world.deliver(), 0);
}

TEST(WechatNotifications, come_again_by_the_documented_schedule_and_then_stop) {
    WechatWorld world;
    world.shop_is_down = true;
    pay(world);
    const auto begin = world.clock.now();
    std::vector<std::int64_t> at_seconds;
    while (world.clock.now() < begin + std::chrono::hours{30}) {
        if (world.deliver() > 0) {
            at_seconds.push_back(
                to_milliseconds(world.clock.now()) / 1000 - to_milliseconds(begin) / 1000
            );
        }
        world.clock.advance(std::chrono::seconds{5});
    }
    const std::vector<std::int64_t> documented{
        0, 15, 30, 60, 240, 840, 2040, 3840, 5640, 7440, 11040, 21840, 32640, 43440, 65040, 86640};
    EXPECT_EQ(at_seconds, documented);
    EXPECT_TRUE(world.accepted.empty());
}

TEST(WechatNotifications, that_nobody_took_are_delivered_when_the_shop_is_back) {
    WechatWorld world{{.time_scale = 0.01}};
    world.network.reachable = true;
    const auto code_url = world.created(world.order(kNumber));
    ASSERT_EQ(world.scan(code_url).status, 200);
    world.network.reachable = false;
    EXPECT_EQ(world.deliver(), 1);
    world.network.reachable = true;
    EXPECT_EQ(world.deliver(), 0) << "not before its time";
    world.clock.advance(Milliseconds{150});
    EXPECT_EQ(world.deliver(), 1);
    EXPECT_EQ(world.accepted.size(), 1u);
}

TEST(WechatNotifications, that_are_dropped_never_come_but_a_query_finds_the_payment) {
    WechatWorld world;
    world.faults.set(Point::drop_notification, 1);
    pay(world);
    world.clock.advance(std::chrono::hours{48});
    EXPECT_EQ(world.deliver(), 0);
    EXPECT_EQ(world.query(kNumber).value->state, State::paid);
}

TEST(WechatNotifications, that_are_delayed_come_late) {
    WechatWorld world;
    world.faults.set(Point::delay_notification, 1);
    pay(world);
    EXPECT_EQ(world.deliver(), 0);
    world.clock.advance(std::chrono::seconds{30});
    EXPECT_EQ(world.deliver(), 1);
    EXPECT_EQ(world.accepted.size(), 1u);
}

TEST(WechatNotifications, that_are_duplicated_carry_the_same_id_twice) {
    WechatWorld world;
    world.faults.set(Point::duplicate_notification, 1);
    pay(world);
    EXPECT_EQ(world.deliver(), 2);
    ASSERT_EQ(world.accepted.size(), 2u);
    EXPECT_EQ(world.accepted[0].id, world.accepted[1].id);
}

TEST(WechatNotifications, with_a_bad_signature_are_refused_and_the_next_try_is_good) {
    WechatWorld world;
    world.faults.set(Point::bad_signature, 1);
    pay(world);
    EXPECT_EQ(world.deliver(), 1);
    EXPECT_EQ(world.refused, std::vector<std::string>{"bad_signature"});
    world.faults.set(Point::bad_signature, 0);
    world.clock.advance(std::chrono::seconds{15});
    EXPECT_EQ(world.deliver(), 1);
    EXPECT_EQ(world.accepted.size(), 1u);
}

TEST(WechatNotifications, with_a_wrong_amount_are_authentic_and_say_the_wrong_amount) {
    WechatWorld world;
    world.faults.set(Point::wrong_amount, 1);
    pay(world);
    world.deliver();
    ASSERT_EQ(world.accepted.size(), 1u);
    EXPECT_EQ(world.accepted[0].trade.amount, Money::fen(8889));
    EXPECT_EQ(world.query(kNumber).value->amount, Money::fen(8888));
}

TEST(WechatNotifications, of_many_payments_all_arrive) {
    WechatWorld world;
    for (int i = 0; i < 20; ++i) pay(world, "SK202611230000" + std::to_string(10 + i));
    EXPECT_EQ(world.deliver(), 20);
    EXPECT_EQ(world.accepted.size(), 20u);
}

}  // namespace
}  // namespace doorbuster::wechat_pay
