#include <gtest/gtest.h>

#include "support/order_world.hpp"

// Money and goods that go back after an order was paid.
namespace doorbuster::orders {
namespace {

class Returns : public test::OrderWorld {
protected:
    void SetUp() override {
        test::OrderWorld::SetUp();
        if (IsSkipped()) return;
        number_ = placed({{teapot_, 2}, {cup_, 3}});
        succeed(number_);
        refund_desk_.set(number_.to_string(), {.paid = order(number_).total});
    }
    Result<Order> take_return(const OrderService::Return& wanted) {
        return write([&](sql::Transaction& tx) {
            return service_.take_return(tx, staff_, number_, wanted);
        });
    }
    void tell(std::string_view topic, Money pending, Money refunded, const char* origin = "staff") {
        const Money total = order(number_).total;
        refund_desk_.set(
            number_.to_string(), {.paid = total, .pending = pending, .refunded = refunded}
        );
        refunds::RefundEvent event;
        event.app = "shop";
        event.reference = number_.to_string();
        event.origin = origin;
        event.amount = Money::fen(100);
        write([&](sql::Transaction& tx) { service_.refund_changed(tx, topic, event); });
    }
    OrderNo number_;
};
DOORBUSTER_ON_BOTH_ENGINES(Returns);

TEST_P(Returns, a_shopper_cancels_what_is_paid_and_not_shipped) {
    ASSERT_TRUE(cancel(number_).has_value());
    EXPECT_EQ(status(number_), "closed");
    EXPECT_EQ(order(number_).close_reason, CloseReason::refunded);
    EXPECT_EQ(order(number_).payment_status, PaymentStatus::refunding);
    EXPECT_EQ(refund_desk_.asked().at(0).amount, order(number_).total);
    expect_level(teapot_, 10, 0, 0);
    expect_level(cup_, 50, 0, 0);
    ASSERT_TRUE(cancel(number_).has_value()) << "asking again is a success";
    EXPECT_EQ(refund_desk_.asked().size(), 1u);
    EXPECT_EQ(story(number_), "placed,paid,cancelled");
    EXPECT_TRUE(ship(number_).error().is(kNotShippable));
    expect_clean();
}

TEST_P(Returns, only_what_is_left_of_the_money_goes_back_on_cancelling) {
    const Money total = order(number_).total;
    refund_desk_.set(
        number_.to_string(), {.paid = total, .pending = Money::fen(100), .refunded = Money::fen(50)}
    );
    ASSERT_TRUE(cancel(number_).has_value());
    EXPECT_EQ(refund_desk_.asked().at(0).amount, total - Money::fen(150));
}

TEST_P(Returns, nothing_is_cancelled_when_the_money_cannot_be_asked_back) {
    refund_desk_.refuse();
    EXPECT_TRUE(cancel(number_).has_error());
    EXPECT_EQ(status(number_), "paid");
    expect_level(teapot_, 8, 0, 2);
}

TEST_P(Returns, what_is_shipped_is_not_cancelled) {
    ASSERT_TRUE(ship(number_).has_value());
    EXPECT_TRUE(cancel(number_).error().is(kNotCancellable));
}

TEST_P(Returns, staff_choose_the_money_and_whether_goods_come_back) {
    ASSERT_TRUE(ship(number_).has_value());
    ASSERT_TRUE(take_return({Money::fen(500), "broken", {}}).has_value());
    EXPECT_EQ(order(number_).payment_status, PaymentStatus::refunding);
    expect_level(teapot_, 8, 0, 2);
    ASSERT_TRUE(take_return({Money::fen(2500), "returned", {{teapot_, 1}}}).has_value());
    expect_level(teapot_, 9, 0, 1);
    ASSERT_TRUE(take_return({Money{}, "found", {{teapot_, 1}, {cup_, 3}}}).has_value());
    expect_level(teapot_, 10, 0, 0);
    expect_level(cup_, 50, 0, 0);
    EXPECT_EQ(refund_desk_.asked().size(), 2u);
    EXPECT_NE(refund_desk_.asked()[0].key, refund_desk_.asked()[1].key);
    EXPECT_EQ(story(number_), "placed,paid,shipped,returned,returned,returned");
    EXPECT_EQ(
        detail(number_).timeline[4].detail, "refund 25.00: returned; 1 units back on the shelf"
    );
    EXPECT_EQ(text("SELECT action FROM audit_log ORDER BY id DESC LIMIT 1"), "order.returned");
    expect_clean();
}

TEST_P(Returns, no_more_comes_back_than_was_bought) {
    EXPECT_TRUE(take_return({Money{}, "r", {{teapot_, 3}}}).error().is(kReturnTooMany));
    ASSERT_TRUE(take_return({Money{}, "r", {{teapot_, 2}}}).has_value());
    EXPECT_TRUE(take_return({Money{}, "r", {{teapot_, 1}}}).error().is(kReturnTooMany));
    EXPECT_TRUE(take_return({Money{}, "r", {{SkuId{999}, 1}}}).error().is(kReturnTooMany));
    EXPECT_TRUE(take_return({Money::fen(5), "r", {{teapot_, 1}}}).has_error());
    expect_level(teapot_, 10, 0, 0);
    expect_clean();
}

TEST_P(Returns, units_that_came_back_before_do_not_come_back_on_cancelling) {
    ASSERT_TRUE(take_return({Money{}, "r", {{teapot_, 1}}}).has_value());
    ASSERT_TRUE(cancel(number_).has_value());
    expect_level(teapot_, 10, 0, 0);
    expect_clean();
}

TEST_P(Returns, what_was_not_paid_is_not_returned) {
    number_ = placed({{cup_, 1}});
    EXPECT_TRUE(take_return({Money::fen(1), "r", {}}).error().is(kNotReturnable));
    ASSERT_TRUE(cancel(number_).has_value());
    EXPECT_TRUE(take_return({Money{}, "r", {{cup_, 1}}}).error().is(kNotReturnable));
}

TEST_P(Returns, the_order_shows_how_its_refunds_stand) {
    const Money total = order(number_).total;
    const Money part = Money::fen(100);
    tell(refunds::kRefundRequested, part, {});
    EXPECT_EQ(order(number_).payment_status, PaymentStatus::refunding);
    tell(refunds::kRefundSucceeded, {}, part);
    EXPECT_EQ(order(number_).payment_status, PaymentStatus::partly_refunded);
    tell(refunds::kRefundSucceeded, {}, part);
    EXPECT_EQ(story(number_), "placed,paid,refunding,partly_refunded");
    tell(refunds::kRefundFailed, {}, part);
    EXPECT_EQ(story(number_), "placed,paid,refunding,partly_refunded,refund_failed");
    tell(refunds::kRefundSucceeded, {}, total);
    EXPECT_EQ(order(number_).payment_status, PaymentStatus::refunded);
    EXPECT_EQ(status(number_), "closed") << "all its money went back before it was shipped";
    EXPECT_EQ(order(number_).close_reason, CloseReason::refunded);
    EXPECT_EQ(topics(number_), "order.placed,order.paid,order.closed");
    expect_level(teapot_, 8, 0, 2);  // whether units come back is for staff to say
    ASSERT_TRUE(take_return({Money{}, "never left", {{teapot_, 2}, {cup_, 3}}}).has_value());
    expect_level(teapot_, 10, 0, 0);
    expect_clean();
}

TEST_P(Returns, a_refund_that_failed_leaves_a_sold_order_paid) {
    tell(refunds::kRefundFailed, {}, {});
    EXPECT_EQ(order(number_).payment_status, PaymentStatus::paid);
    EXPECT_EQ(story(number_), "placed,paid,refund_failed");
    EXPECT_TRUE(ship(number_).has_value());
}

TEST_P(Returns, the_refund_of_a_second_payment_is_noted_and_changes_nothing) {
    tell(refunds::kRefundRequested, {}, {}, "duplicate");
    tell(refunds::kRefundSucceeded, {}, {}, "duplicate");
    EXPECT_EQ(story(number_), "placed,paid,second_payment_refunded");
    EXPECT_EQ(order(number_).payment_status, PaymentStatus::paid);
}

TEST_P(Returns, refunds_of_orders_that_are_not_there_are_harmless) {
    refunds::RefundEvent event;
    event.app = "shop";
    for (const char* const reference : {"", "x", "12345"}) {
        event.reference = reference;
        write([&](sql::Transaction& tx) {
            service_.refund_changed(tx, refunds::kRefundSucceeded, event);
        });
    }
    EXPECT_EQ(story(number_), "placed,paid");
}

}  // namespace
}  // namespace doorbuster::orders
