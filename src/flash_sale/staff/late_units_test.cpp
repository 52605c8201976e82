#include <gtest/gtest.h>

#include "support/promotion_world.hpp"

// Units of a promotion whose order was given up and is paid after all, and units that come back
// after they were sold.
namespace doorbuster::flash_sale {
namespace {

class LateUnits : public test::PromotionWorld {
protected:
    void SetUp() override {
        PromotionWorld::SetUp();
        if (!IsSkipped()) checkout_.keep_late_payments(true);
    }
    void TearDown() override {
        if (!IsSkipped()) expect_clean();
    }
    // An order whose time to pay is over; its unit has come back.
    OrderNo given_up(PromotionItemId item) {
        const OrderNo number = buy(item, buyer_, address_).value().number;
        expire_order(number);
        EXPECT_EQ(status(number), "closed");
        return number;
    }
    OrderNo sold_order(PromotionItemId item) {
        const OrderNo number = buy(item, buyer_, address_).value().number;
        succeed(number);
        refund_desk_.set(number.to_string(), {.paid = order(number).total});
        return number;
    }
    // The money came and goes back, and nothing of the sale has moved.
    void expect_refused(OrderNo number) {
        EXPECT_EQ(status(number), "closed");
        EXPECT_EQ(order(number).payment_status, orders::PaymentStatus::refunding);
        EXPECT_EQ(refund_desk_.declined().size(), 1u);
    }
    void cancel_paid(OrderNo number) {
        ASSERT_TRUE(cancel(number).has_value());
        EXPECT_EQ(status(number), "closed");
    }
};
DOORBUSTER_ON_BOTH_ENGINES(LateUnits);

// ---- paid late ----

TEST_P(LateUnits, are_taken_again_when_they_are_left) {
    const auto item = published(draft({terms(teapot_, 2)})).items[0].id;
    const OrderNo number = given_up(item);
    expect_stock(item, 2, 0, 0);
    tell_refund_due(number);
    EXPECT_EQ(status(number), "paid");
    expect_stock(item, 1, 0, 1);
    tell_refund_due(number);  // told twice
    expect_stock(item, 1, 0, 1);
    // It counts towards the limit like any other.
    EXPECT_TRUE(buy(item, buyer_, address_).error().is(kLimitReached));
}

TEST_P(LateUnits, are_not_taken_again_beyond_the_buyers_limit) {
    const auto item = published(draft({terms(teapot_, 5)})).items[0].id;
    const OrderNo number = given_up(item);
    ASSERT_TRUE(buy(item, buyer_, address_).has_value());
    tell_refund_due(number);
    expect_refused(number);
    expect_stock(item, 4, 1, 0);
}

TEST_P(LateUnits, are_taken_again_up_to_the_buyers_limit) {
    const auto item = published(draft({terms(teapot_, 5, 2)})).items[0].id;
    const OrderNo number = given_up(item);
    ASSERT_TRUE(buy(item, buyer_, address_).has_value());
    tell_refund_due(number);
    EXPECT_EQ(status(number), "paid");
    expect_stock(item, 3, 1, 1);
}

TEST_P(LateUnits, are_not_taken_again_from_those_who_bought_them) {
    const auto item = published(draft({terms(teapot_, 1)})).items[0].id;
    const OrderNo number = given_up(item);
    const auto next = add_buyer();
    ASSERT_TRUE(buy(item, next.user, next.address).has_value());
    tell_refund_due(number);
    expect_refused(number);
    expect_stock(item, 0, 1, 0);
}

TEST_P(LateUnits, are_not_taken_again_from_those_to_whom_they_are_offered) {
    const auto item = published(draft({terms(teapot_, 1)})).items[0].id;
    const OrderNo number = buy(item, buyer_, address_).value().number;
    join(item, other_);
    expire_order(number);
    ASSERT_EQ(stock_of(item).offered, 1);
    tell_refund_due(number);
    expect_refused(number);
    EXPECT_EQ(stock_of(item).offered, 1);
}

TEST_P(LateUnits, are_not_taken_again_after_the_end) {
    const auto sale = published(draft({terms(teapot_, 2)}));
    const OrderNo number = given_up(sale.items[0].id);
    ASSERT_TRUE(end(sale.id).has_value());
    tell_refund_due(number);
    expect_refused(number);
    // All of them are ordinary stock, which a flash order never touches.
    expect_level(teapot_, 10, 0, 0);
}

TEST_P(LateUnits, are_not_taken_again_while_the_sale_is_paused_or_all_are_stopped) {
    const auto sale = published(draft({terms(teapot_, 3, 2)}));
    const auto item = sale.items[0].id;
    const OrderNo paused = given_up(item);
    const OrderNo stopped = given_up(item);
    ASSERT_TRUE(pause(sale.id).has_value());
    tell_refund_due(paused);
    expect_refused(paused);
    ASSERT_TRUE(resume(sale.id).has_value());
    set_stopped(true);
    tell_refund_due(stopped);
    EXPECT_EQ(status(stopped), "closed");
    EXPECT_EQ(refund_desk_.declined().size(), 2u);
    set_stopped(false);
    expect_stock(item, 3, 0, 0);
}

// ---- returned ----

TEST_P(LateUnits, that_come_back_are_sold_again_while_the_sale_is_on) {
    const auto item = published(draft({terms(teapot_, 2)})).items[0].id;
    const OrderNo number = sold_order(item);
    expect_stock(item, 1, 0, 1);
    cancel_paid(number);
    expect_stock(item, 2, 0, 0);
    const auto next = add_buyer();
    EXPECT_TRUE(buy(item, next.user, next.address).has_value());
}

TEST_P(LateUnits, that_come_back_are_offered_to_those_who_wait) {
    const auto item = published(draft({terms(teapot_, 1)})).items[0].id;
    const OrderNo number = sold_order(item);
    join(item, other_);
    cancel_paid(number);
    EXPECT_EQ(stock_of(item).offered, 1);
    EXPECT_EQ(stock_of(item).free(), 0);
}

TEST_P(LateUnits, that_come_back_after_the_end_are_ordinary_stock) {
    const auto sale = published(draft({terms(teapot_, 2)}));
    const OrderNo number = sold_order(sale.items[0].id);
    ASSERT_TRUE(end(sale.id).has_value());
    expect_level(teapot_, 9, 0, 0);
    cancel_paid(number);
    expect_level(teapot_, 10, 0, 0);
    EXPECT_EQ(stock_of(sale.items[0].id).available, 0);
}

TEST_P(LateUnits, that_come_back_in_a_pause_are_offered_when_the_sale_goes_on) {
    const auto sale = published(draft({terms(teapot_, 1)}));
    const auto item = sale.items[0].id;
    const OrderNo number = sold_order(item);
    join(item, other_);
    ASSERT_TRUE(pause(sale.id).has_value());
    cancel_paid(number);
    EXPECT_EQ(stock_of(item).offered, 0);
    EXPECT_EQ(stock_of(item).available, 1);
    ASSERT_TRUE(resume(sale.id).has_value());
    EXPECT_EQ(stock_of(item).offered, 1);
}

TEST_P(LateUnits, that_were_taken_again_come_back_like_any_other) {
    const auto item = published(draft({terms(teapot_, 2)})).items[0].id;
    const OrderNo number = given_up(item);
    tell_refund_due(number);
    ASSERT_EQ(status(number), "paid");
    refund_desk_.set(number.to_string(), {.paid = order(number).total});
    cancel_paid(number);
    expect_stock(item, 2, 0, 0);
}

}  // namespace
}  // namespace doorbuster::flash_sale
