// Refunds between the adapter and the simulator, which were written apart.
#include <gtest/gtest.h>

#include "wechat_world.hpp"

namespace doorbuster::wechat_pay {
namespace {

using namespace std::chrono_literals;
using Point = sandbox::Faults::Point;
using State = ProviderRefund::State;

constexpr auto kNumber = "SK2026112301";

// A shop with one paid order of 88.88 yuan.
class RefundWire : public testing::Test {
protected:
    explicit RefundWire() {
        const auto scanned = world_.scan(world_.created(world_.order(kNumber)));
        transaction_ = scanned.text("/data/transaction_id");
        world_.deliver();
        world_.accepted.clear();
    }
    ProviderRefundOrder order(const std::string& number, std::int64_t fen) const {
        return {
            .out_refund_no = number,
            .out_trade_no = kNumber,
            .transaction_id = transaction_,
            .amount = Money::fen(fen),
            .paid = Money::fen(8888),
            .reason = "缺货"};
    }
    auto refund(const ProviderRefundOrder& order) {
        return test::run(world_.provider.refund(order));
    }
    auto query(const ProviderRefundOrder& order) {
        return test::run(world_.provider.query_refund(order));
    }
    void time_passes(Milliseconds time) {
        world_.clock.advance(time);
        while (test::run(world_.sandbox.settle_due_refund())) {
        }
        world_.deliver();
    }

    WechatWorld world_;
    std::string transaction_;
};

TEST_F(RefundWire, is_accepted_then_done_and_told) {
    const auto asked = order("RF1", 30);
    const auto accepted = refund(asked);
    ASSERT_TRUE(accepted.value) << accepted.refused.code << accepted.refused.message;
    EXPECT_EQ(accepted.value->state, State::processing);
    time_passes(5s);
    const auto done = query(asked);
    ASSERT_TRUE(done.value);
    EXPECT_EQ(done.value->state, State::succeeded);
    EXPECT_EQ(done.value->amount, Money::fen(30));
    EXPECT_EQ(done.value->out_trade_no, kNumber);
    EXPECT_EQ(done.value->transaction_id, transaction_);
    EXPECT_TRUE(done.value->succeeded_at);

    ASSERT_EQ(world_.accepted.size(), 1u);
    const ProviderNotification& told = world_.accepted.front();
    EXPECT_FALSE(told.is_payment);
    ASSERT_TRUE(told.refund);
    EXPECT_EQ(told.refund->out_refund_no, "RF1");
    EXPECT_EQ(told.refund->state, State::succeeded);
    EXPECT_EQ(told.refund->amount, Money::fen(30));
    EXPECT_EQ(world_.query(kNumber).value->state, ProviderTrade::State::refunded);
}

TEST_F(RefundWire, asked_for_twice_under_one_number_is_one_refund) {
    const auto asked = order("RF1", 8888);
    const auto first = refund(asked);
    const auto second = refund(asked);
    ASSERT_TRUE(first.value && second.value);
    EXPECT_EQ(first.value->refund_id, second.value->refund_id);
    auto other = asked;
    other.amount = Money::fen(1);
    EXPECT_FALSE(refund(other).value) << "the same number with another amount";
}

TEST_F(RefundWire, of_more_than_was_paid_is_refused_for_good) {
    const auto outcome = refund(order("RF1", 8889));
    EXPECT_FALSE(outcome.value);
    EXPECT_TRUE(outcome.refused.final_answer) << outcome.refused.code;
    EXPECT_EQ(query(order("RF1", 8889)).value->state, State::not_exist);
}

TEST_F(RefundWire, that_nobody_asked_for_does_not_exist) {
    EXPECT_EQ(query(order("RF9", 1)).value->state, State::not_exist);
}

TEST_F(RefundWire, without_money_on_the_account_is_done_when_there_is_some) {
    world_.faults.set(Point::refund_refused, 1);
    const auto asked = order("RF1", 30);
    const auto poor = refund(asked);
    EXPECT_TRUE(poor.refused.needs_money) << poor.refused.code;
    EXPECT_FALSE(poor.refused.final_answer);
    world_.faults.set(Point::refund_refused, 0);
    EXPECT_EQ(refund(asked).value->state, State::processing);
}

TEST_F(RefundWire, may_fail_or_need_a_person_after_it_was_accepted) {
    world_.faults.set(Point::refund_closed, 1);
    ASSERT_TRUE(refund(order("RF1", 30)).value);
    time_passes(61s);
    EXPECT_EQ(query(order("RF1", 30)).value->state, State::failed);
    world_.faults.set(Point::refund_closed, 0);
    world_.faults.set(Point::refund_abnormal, 1);
    ASSERT_TRUE(refund(order("RF2", 30)).value);
    time_passes(61s);
    EXPECT_EQ(query(order("RF2", 30)).value->state, State::abnormal);
    ASSERT_EQ(world_.accepted.size(), 2u);
    EXPECT_EQ(world_.accepted[0].refund->state, State::failed);
    EXPECT_EQ(world_.accepted[1].refund->state, State::abnormal);
}

TEST_F(RefundWire, whose_answer_is_lost_or_forged_is_unknown_and_still_one) {
    const auto asked = order("RF1", 30);
    for (const Point point :
         {Point::error_after,
          Point::answer_bad_signature,
          Point::answer_wrong_key,
          Point::answer_truncated,
          Point::server_error}) {
        world_.faults.set(point, 1);
        const auto outcome = refund(asked);
        EXPECT_FALSE(outcome.value);
        EXPECT_FALSE(outcome.refused.final_answer);
        world_.faults.set(point, 0);
    }
    time_passes(5s);
    ASSERT_TRUE(refund(asked).value);
    EXPECT_EQ(query(asked).value->state, State::succeeded);
    EXPECT_EQ(world_.accepted.size(), 1u);
}

TEST_F(RefundWire, notifications_that_are_forged_tell_nothing) {
    for (const Point point :
         {Point::bad_signature, Point::wrong_key, Point::stale_timestamp, Point::wrong_owner}) {
        world_.faults.set(point, 1);
    }
    ASSERT_TRUE(refund(order("RF1", 30)).value);
    time_passes(5s);
    EXPECT_TRUE(world_.accepted.empty());
    EXPECT_FALSE(world_.refused.empty());
}

TEST_F(RefundWire, notifications_of_another_merchant_tell_nothing) {
    world_.faults.set(Point::wrong_owner, 1);
    ASSERT_TRUE(refund(order("RF1", 30)).value);
    time_passes(5s);
    EXPECT_TRUE(world_.accepted.empty());
    ASSERT_FALSE(world_.refused.empty());
    EXPECT_EQ(world_.refused.front(), "refund_of_another_merchant");
}

}  // namespace
}  // namespace doorbuster::wechat_pay
