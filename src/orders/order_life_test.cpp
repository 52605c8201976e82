#include <gtest/gtest.h>

#include <algorithm>

#include "orders/order_jobs.hpp"
#include "orders/payment_consumer.hpp"
#include "support/order_world.hpp"
#include "support/run_task.hpp"

namespace doorbuster::orders {
namespace {

class OrderLife : public test::OrderWorld {
protected:
    OrderJobs jobs_{database(), service_, clock_};
    OrderNo number_ = placed({{teapot_, 2}});
};
DOORBUSTER_ON_BOTH_ENGINES(OrderLife);

TEST_P(OrderLife, from_placed_to_received) {
    clock_.advance(std::chrono::minutes{5});
    succeed(number_);
    Order now = order(number_);
    EXPECT_EQ(now.status, Status::paid);
    EXPECT_EQ(now.payment_status, PaymentStatus::paid);
    EXPECT_EQ(now.paid_at, clock_.now());
    expect_level(teapot_, 8, 0, 2);

    clock_.advance(std::chrono::hours{1});
    ASSERT_TRUE(ship(number_).has_value());
    now = order(number_);
    EXPECT_EQ(now.status, Status::shipped);
    EXPECT_EQ(now.fulfillment, Fulfillment::shipped);
    EXPECT_EQ(now.carrier, "SF Express");
    EXPECT_EQ(now.tracking_number, "SF1");

    ASSERT_TRUE(confirm(buyer_, number_).has_value());
    now = order(number_);
    EXPECT_EQ(now.status, Status::completed);
    EXPECT_EQ(now.fulfillment, Fulfillment::received);
    EXPECT_EQ(now.completed_at, clock_.now());
    EXPECT_EQ(story(number_), "placed,paid,shipped,completed");
    EXPECT_EQ(topics(number_), "order.placed,order.paid,order.shipped,order.completed");
    expect_clean();
}

TEST_P(OrderLife, cancelling_without_a_payment_closes_at_once) {
    const auto closed = cancel(number_);
    ASSERT_TRUE(closed.has_value());
    EXPECT_EQ(closed->status, Status::closed);
    EXPECT_EQ(closed->close_reason, CloseReason::user);
    EXPECT_EQ(closed->closed_at, clock_.now());
    EXPECT_EQ(story(number_), "placed,closed");
    EXPECT_EQ(topics(number_), "order.placed,order.closed");
    EXPECT_EQ(checkout_.closed(), std::vector{number_.to_string()});
    expect_level(teapot_, 10, 0, 0);
    expect_clean();
}

TEST_P(OrderLife, cancelling_with_a_payment_under_way_waits_for_the_payment_side) {
    checkout_.begin_attempt(number_);
    ASSERT_TRUE(cancel(number_).has_value());
    EXPECT_EQ(status(number_), "closing");
    expect_level(teapot_, 8, 2, 0);
    EXPECT_EQ(topics(number_), "order.placed");
    expect_clean();
    tell_closed(number_);
    EXPECT_EQ(status(number_), "closed");
    EXPECT_EQ(story(number_), "placed,closing,closed");
    EXPECT_EQ(topics(number_), "order.placed,order.closed");
    expect_level(teapot_, 10, 0, 0);
    expect_clean();
}

TEST_P(OrderLife, a_payment_that_wins_against_the_cancelling_makes_the_order_paid) {
    checkout_.begin_attempt(number_);
    ASSERT_TRUE(cancel(number_).has_value());
    succeed(number_);
    EXPECT_EQ(status(number_), "paid");
    EXPECT_FALSE(order(number_).close_reason.has_value());
    EXPECT_EQ(story(number_), "placed,closing,paid");
    expect_level(teapot_, 8, 0, 2);
    expect_clean();
}

TEST_P(OrderLife, cancelling_twice_is_one_cancelling) {
    checkout_.begin_attempt(number_);
    ASSERT_TRUE(cancel(number_).has_value());
    EXPECT_EQ(cancel(number_)->status, Status::closing);
    tell_closed(number_);
    EXPECT_EQ(cancel(number_)->status, Status::closed);
    EXPECT_EQ(story(number_), "placed,closing,closed");
}

TEST_P(OrderLife, nothing_is_cancelled_after_it_was_shipped) {
    succeed(number_);
    ASSERT_TRUE(ship(number_).has_value());
    EXPECT_TRUE(cancel(number_).error().is(kNotCancellable));
    EXPECT_TRUE(checkout_.closed().empty()) << "a refusal asks the payment side for nothing";
}

TEST_P(OrderLife, staff_cancel_an_unpaid_order_and_leave_a_trace) {
    const auto closed =
        write([&](sql::Transaction& tx) { return service_.cancel_by_staff(tx, staff_, number_); });
    ASSERT_TRUE(closed.has_value());
    EXPECT_EQ(closed->close_reason, CloseReason::merchant);
    EXPECT_EQ(text("SELECT action FROM audit_log"), "order.cancelled");
    EXPECT_EQ(text("SELECT subject FROM audit_log"), "order:" + number_.to_string());
}

TEST_P(OrderLife, staff_who_cancel_what_is_closed_already_leave_no_trace) {
    ASSERT_TRUE(cancel(number_).has_value());
    const auto closed =
        write([&](sql::Transaction& tx) { return service_.cancel_by_staff(tx, staff_, number_); });
    EXPECT_EQ(closed.value().close_reason, CloseReason::user);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM audit_log"), 0);
}

TEST_P(OrderLife, an_order_is_for_its_owner_only) {
    EXPECT_TRUE(cancel(other_, number_).error().is(kOrderNotFound));
    EXPECT_TRUE(confirm(other_, number_).error().is(kOrderNotFound));
    EXPECT_TRUE(cancel(OrderNo{12345}).error().is(kOrderNotFound));
    const auto read = [&](sql::Reader& reader) { return get_order(reader, other_, number_); };
    EXPECT_TRUE(database().read_blocking(read).error().is(kOrderNotFound));
    const auto to_pay = [&](sql::Reader& reader) {
        return get_order_to_pay(reader, other_, number_);
    };
    EXPECT_TRUE(database().read_blocking(to_pay).error().is(kOrderNotFound));
    EXPECT_EQ(story(number_), "placed");
}

TEST_P(OrderLife, a_success_told_again_changes_nothing) {
    succeed(number_);
    clock_.advance(std::chrono::minutes{1});
    const auto paid_at = order(number_).paid_at;
    succeed(number_);
    ASSERT_TRUE(ship(number_).has_value());
    succeed(number_);
    EXPECT_EQ(order(number_).paid_at, paid_at);
    EXPECT_EQ(status(number_), "shipped");
    EXPECT_EQ(story(number_), "placed,paid,shipped");
    expect_clean();
}

TEST_P(OrderLife, a_payment_after_release_goes_back_when_it_cannot_be_kept) {
    ASSERT_TRUE(cancel(number_).has_value());
    tell_refund_due(number_);
    EXPECT_EQ(status(number_), "closed");
    EXPECT_EQ(order(number_).payment_status, PaymentStatus::refunding);
    EXPECT_EQ(story(number_), "placed,closed,refunding");
    EXPECT_EQ(detail(number_).timeline.back().detail, "paid too late, the units are gone");
    tell_refund_due(number_);
    succeed(number_);
    EXPECT_EQ(story(number_), "placed,closed,refunding");
    EXPECT_EQ(refund_desk_.declined().size(), 1u);
    expect_level(teapot_, 10, 0, 0);
    expect_clean();
}

TEST_P(OrderLife, a_success_for_a_closed_order_goes_back_too) {
    ASSERT_TRUE(cancel(number_).has_value());
    succeed(number_);
    EXPECT_EQ(status(number_), "closed");
    EXPECT_EQ(order(number_).payment_status, PaymentStatus::refunding);
    ASSERT_EQ(refund_desk_.asked().size(), 1u);
    EXPECT_EQ(refund_desk_.asked()[0].amount, order(number_).total);
    expect_clean();
}

TEST_P(OrderLife, money_that_cannot_be_asked_back_is_left_for_a_person) {
    ASSERT_TRUE(cancel(number_).has_value());
    refund_desk_.refuse();
    succeed(number_);
    EXPECT_EQ(order(number_).payment_status, PaymentStatus::refund_due);
    EXPECT_EQ(story(number_), "placed,closed,refund_due");
}

TEST_P(OrderLife, a_late_payment_takes_the_units_again_when_they_are_left) {
    ASSERT_TRUE(cancel(number_).has_value());
    checkout_.keep_late_payments(true);
    tell_refund_due(number_);
    EXPECT_EQ(status(number_), "paid");
    EXPECT_EQ(order(number_).payment_status, PaymentStatus::paid);
    EXPECT_EQ(order(number_).close_reason, std::nullopt);
    EXPECT_EQ(story(number_), "placed,closed,paid");
    EXPECT_EQ(detail(number_).timeline.back().detail, "wechat_pay, late, units taken again");
    EXPECT_EQ(topics(number_), "order.placed,order.closed,order.paid");
    expect_level(teapot_, 8, 0, 2);
    tell_refund_due(number_);
    EXPECT_EQ(story(number_), "placed,closed,paid");
    ASSERT_TRUE(ship(number_).has_value());
    expect_clean();
}

TEST_P(OrderLife, a_late_payment_goes_back_when_the_units_are_sold_to_others) {
    ASSERT_TRUE(cancel(number_).has_value());
    placed({{teapot_, 9}});
    checkout_.keep_late_payments(true);
    tell_refund_due(number_);
    EXPECT_EQ(status(number_), "closed");
    EXPECT_EQ(order(number_).payment_status, PaymentStatus::refunding);
    EXPECT_EQ(refund_desk_.declined().size(), 1u);
    expect_level(teapot_, 1, 9, 0);
    expect_clean();
}

TEST_P(OrderLife, a_late_payment_takes_all_units_or_none) {
    const OrderNo both = placed({{teapot_, 1}, {cup_, 2}});
    ASSERT_TRUE(cancel(both).has_value());
    const OrderNo others = placed({{cup_, 49}});
    checkout_.keep_late_payments(true);
    tell_refund_due(both);
    EXPECT_EQ(status(both), "closed");
    expect_level(teapot_, 8, 2, 0);
    expect_level(cup_, 1, 49, 0);
    static_cast<void>(others);
    expect_clean();
}

TEST_P(OrderLife, a_late_payment_does_not_revive_what_the_shop_has_cancelled) {
    write([&](sql::Transaction& tx) {
        ASSERT_TRUE(service_.cancel_by_staff(tx, staff_, number_).has_value());
    });
    checkout_.keep_late_payments(true);
    tell_refund_due(number_);
    EXPECT_EQ(status(number_), "closed");
    EXPECT_EQ(order(number_).payment_status, PaymentStatus::refunding);
    expect_level(teapot_, 10, 0, 0);
}

TEST_P(OrderLife, a_late_payment_of_an_order_that_still_holds_its_units_just_pays_it) {
    checkout_.begin_attempt(number_);
    ASSERT_TRUE(cancel(number_).has_value());
    checkout_.keep_late_payments(true);
    tell_refund_due(number_);  // told before payment.closed
    tell_closed(number_);
    EXPECT_EQ(status(number_), "paid");
    EXPECT_EQ(story(number_), "placed,closing,paid");
    expect_level(teapot_, 8, 0, 2);
    expect_clean();
}

TEST_P(OrderLife, the_flag_stays_when_the_events_come_in_the_other_order) {
    checkout_.begin_attempt(number_);
    ASSERT_TRUE(cancel(number_).has_value());
    tell_refund_due(number_);
    tell_closed(number_);
    EXPECT_EQ(status(number_), "closed");
    EXPECT_EQ(order(number_).payment_status, PaymentStatus::refunding);
    EXPECT_EQ(story(number_), "placed,closing,refunding,closed");
    expect_clean();
}

TEST_P(OrderLife, a_second_payment_is_noted_and_leaves_the_order_as_it_is) {
    tell_refund_due(number_, true);
    EXPECT_EQ(order(number_).payment_status, PaymentStatus::unpaid);
    succeed(number_);
    tell_refund_due(number_, true);
    EXPECT_EQ(order(number_).payment_status, PaymentStatus::paid);
    EXPECT_EQ(story(number_), "placed,second_payment,paid,second_payment");
    EXPECT_TRUE(refund_desk_.asked().empty());
}

TEST_P(OrderLife, a_payment_of_another_amount_does_not_pay_the_order) {
    auto wrong = event(number_);
    wrong.amount = Money::fen(1);
    write([&](sql::Transaction& tx) { service_.payment_succeeded(tx, wrong); });
    EXPECT_EQ(status(number_), "pending_payment");
    EXPECT_EQ(order(number_).payment_status, PaymentStatus::refunding);
    EXPECT_EQ(refund_desk_.asked().at(0).amount, Money::fen(1));
    expect_level(teapot_, 8, 2, 0);
    expect_clean();
}

TEST_P(OrderLife, events_of_orders_that_are_not_there_are_harmless) {
    for (const char* const reference : {"", "x", "12345", "99999999999999999999"}) {
        auto stray = event(number_);
        stray.reference = reference;
        write([&](sql::Transaction& tx) {
            service_.payment_succeeded(tx, stray);
            service_.payment_closed(tx, stray);
            service_.payment_refund_due(tx, stray);
        });
    }
    EXPECT_EQ(story(number_), "placed");
}

TEST_P(OrderLife, a_closing_of_an_order_that_still_waits_changes_nothing) {
    tell_closed(number_);
    EXPECT_EQ(status(number_), "pending_payment");
}

TEST_P(OrderLife, only_paid_orders_are_shipped) {
    EXPECT_TRUE(ship(number_).error().is(kNotShippable));
    ASSERT_TRUE(cancel(number_).has_value());
    EXPECT_TRUE(ship(number_).error().is(kNotShippable));
    EXPECT_TRUE(ship(OrderNo{1}).error().is(kOrderNotFound));
    EXPECT_EQ(integer("SELECT COUNT(*) FROM audit_log"), 0);
}

TEST_P(OrderLife, shipping_the_same_parcel_again_is_one_shipping) {
    succeed(number_);
    ASSERT_TRUE(ship(number_, "SF1").has_value());
    EXPECT_EQ(ship(number_, "SF1")->status, Status::shipped);
    EXPECT_TRUE(ship(number_, "SF2").error().is(kNotShippable));
    EXPECT_EQ(story(number_), "placed,paid,shipped");
    EXPECT_EQ(integer("SELECT COUNT(*) FROM audit_log"), 1);
}

TEST_P(OrderLife, an_order_whose_money_goes_back_is_not_shipped) {
    succeed(number_);
    execute("UPDATE orders SET payment_status = 'refunding'");
    EXPECT_TRUE(ship(number_).error().is(kNotShippable));
}

TEST_P(OrderLife, only_shipped_orders_are_confirmed_and_once) {
    EXPECT_TRUE(confirm(buyer_, number_).error().is(kNotConfirmable));
    succeed(number_);
    EXPECT_TRUE(confirm(buyer_, number_).error().is(kNotConfirmable));
    ASSERT_TRUE(ship(number_).has_value());
    ASSERT_TRUE(confirm(buyer_, number_).has_value());
    EXPECT_EQ(confirm(buyer_, number_)->status, Status::completed);
    EXPECT_EQ(story(number_), "placed,paid,shipped,completed");
}

TEST_P(OrderLife, unpaid_orders_expire_when_their_time_is_over_and_not_before) {
    clock_.advance(std::chrono::minutes{30} - Milliseconds{1});
    const OrderNo later = placed({{cup_, 1}});
    EXPECT_FALSE(test::run(jobs_.expire_unpaid()));
    EXPECT_EQ(status(number_), "pending_payment");
    expire(number_);
    EXPECT_EQ(status(number_), "pending_payment");
    clock_.advance(Milliseconds{1});
    EXPECT_FALSE(test::run(jobs_.expire_unpaid()));
    EXPECT_EQ(status(number_), "closed");
    EXPECT_EQ(order(number_).close_reason, CloseReason::timeout);
    EXPECT_EQ(detail(number_).timeline.back().actor, "system");
    EXPECT_EQ(status(later), "pending_payment");
    expect_level(teapot_, 10, 0, 0);
    expect_clean();
}

TEST_P(OrderLife, an_expired_order_with_a_payment_under_way_waits_for_the_payment_side) {
    checkout_.begin_attempt(number_);
    clock_.advance(std::chrono::minutes{31});
    test::run(jobs_.expire_unpaid());
    EXPECT_EQ(status(number_), "closing");
    test::run(jobs_.expire_unpaid());
    EXPECT_EQ(checkout_.closed().size(), 1u);
    tell_closed(number_);
    EXPECT_EQ(order(number_).close_reason, CloseReason::timeout);
    expect_clean();
}

TEST_P(OrderLife, an_order_that_fails_to_expire_does_not_hold_up_the_others) {
    // The second one lacks its stock row's units: its RELEASE breaks a constraint.
    const OrderNo broken = placed({{cup_, 3}});
    const OrderNo good = placed({{teapot_, 1}});
    execute("UPDATE stock SET reserved = 0 WHERE sku_id = $1", {cup_});
    clock_.advance(std::chrono::hours{1});
    EXPECT_FALSE(test::run(jobs_.expire_unpaid()));
    EXPECT_EQ(status(number_), "closed");
    EXPECT_EQ(status(broken), "pending_payment");
    EXPECT_EQ(status(good), "closed");
}

TEST_P(OrderLife, more_due_orders_than_a_batch_are_told_as_more) {
    for (int i = 0; i < OrderJobs::kBatchMax; ++i) {
        execute(
            "INSERT INTO orders (order_no, user_id, status, payment_status, fulfillment_status, "
            "items_total, freight, total, currency, address, created_at, expires_at) VALUES ($1, "
            "$2, 'pending_payment', 'unpaid', 'unfulfilled', 0, 0, 0, 'CNY', '{}', 0, 1)",
            {i + 1, buyer_}
        );
    }
    EXPECT_TRUE(test::run(jobs_.expire_unpaid()));
    EXPECT_FALSE(test::run(jobs_.expire_unpaid()));
    EXPECT_EQ(integer("SELECT COUNT(*) FROM orders WHERE status = 'closed'"), OrderJobs::kBatchMax);
}

TEST_P(OrderLife, shipped_orders_complete_by_themselves_after_some_days) {
    succeed(number_);
    ASSERT_TRUE(ship(number_).has_value());
    clock_.advance(service_.settings().complete_after - Milliseconds{1});
    test::run(jobs_.complete_shipped());
    EXPECT_EQ(status(number_), "shipped");
    clock_.advance(Milliseconds{1});
    test::run(jobs_.complete_shipped());
    EXPECT_EQ(status(number_), "completed");
    EXPECT_EQ(detail(number_).timeline.back().actor, "system");
    expect_clean();
}

// Remembers what was subscribed; a test then delivers by hand.
class FakeBus final : public EventBus {
public:
    void subscribe(Consumer consumer) override { consumers_.push_back(std::move(consumer)); }
    bool wants(sql::Reader&, std::string_view) const override { return true; }
    Task<EventFailures> publish(EventList events) override {
        for (const Consumer& consumer : consumers_) {
            const auto& topics = consumer.topics;
            if (std::ranges::find(topics, events.front()->topic) == topics.end()) continue;
            co_return co_await consumer.handle(events);
        }
        co_return EventFailures{};
    }

private:
    std::vector<Consumer> consumers_;
};

TEST_P(OrderLife, the_consumer_takes_each_event_once_and_only_those_of_the_shop) {
    FakeBus bus;
    events::Subscriptions subscriptions{bus, database(), clock_};
    listen_to_payments(subscriptions, service_);
    auto payload = event(number_);
    const auto deliver = [&](std::int64_t id, std::string_view topic) {
        const Event told{
            EventId{id}, std::string{topic}, number_.to_string(), payload.to_json(), clock_.now()};
        const Event* const list[] = {&told};
        EXPECT_TRUE(test::run(bus.publish(list)).empty());
    };
    payload.app = "another";
    deliver(1, payments::kPaymentSucceeded);
    EXPECT_EQ(status(number_), "pending_payment");
    payload.app = "shop";
    deliver(2, payments::kPaymentSucceeded);
    deliver(2, payments::kPaymentSucceeded);
    deliver(3, payments::kPaymentClosed);
    deliver(4, payments::kPaymentRefundDue);
    EXPECT_EQ(story(number_), "placed,paid");
    expect_clean();
}

}  // namespace
}  // namespace doorbuster::orders
