#include <gtest/gtest.h>

#include "adapters/memory/in_process_bus.hpp"
#include "audit/auditor.hpp"
#include "events/bounded.hpp"
#include "events/relay.hpp"
#include "events/subscriptions.hpp"
#include "orders/errors.hpp"
#include "orders/order_jobs.hpp"
#include "orders/order_queries.hpp"
#include "orders/order_service.hpp"
#include "orders/payment_consumer.hpp"
#include "payments/errors.hpp"
#include "payments/payment_service.hpp"
#include "payments/payment_worker.hpp"
#include "refunds/refund_worker.hpp"
#include "support/fake_provider.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "support/seeded_random.hpp"
#include "support/shop_data.hpp"
#include "support/test_database.hpp"

// The order side and the payment side as they are, joined by the outbox and the bus as in the
// program; only the providers are played. The audit looks at the database after every step.
namespace doorbuster {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using test::FakeProvider;

class Checkout : public test::DatabaseTest {
protected:
    Checkout() { orders::listen_to_payments(subscriptions_, orders_); }
    void TearDown() override {
        if (!IsSkipped()) expect_clean();
    }

    // ---- what people and providers do; the audit looks after each ----

    OrderNo placed(std::int64_t quantity = 2) {
        orders::PlaceOrder wish{.user = buyer_, .address = address_};
        wish.lines = {{teapot_, quantity}};
        const auto place = [&](sql::Transaction& tx) { return orders_.place(tx, wish); };
        const OrderNo number = database().write_blocking(place).value().number;
        expect_clean();
        return number;
    }
    // As the route does: the amount and the deadline are the order's.
    Result<payments::PaymentView> pay(OrderNo number, const std::string& provider = "wechat_pay") {
        const auto read = [&](sql::Reader& reader) {
            return orders::get_order_to_pay(reader, buyer_, number);
        };
        const auto found = database().read_blocking(read);
        if (found.has_error()) return found.error();
        const orders::Order& order = found->order;
        const payments::PaymentOrder wanted{
            number.to_string(), buyer_.to_string(), order.total, "Teapot", order.expires_at};
        auto view = test::run(payments_.pay(wanted, provider));
        expect_clean();
        return view;
    }
    int notify(FakeProvider& provider, const std::string& trade) {
        const std::string body = provider.notification(trade);
        const int status = test::run(payments_.notified(provider, signed_, body)).status;
        expect_clean();
        return status;
    }
    void cancel(OrderNo number) {
        const auto act = [&](sql::Transaction& tx) { return orders_.cancel(tx, buyer_, number); };
        ASSERT_TRUE(database().write_blocking(act).has_value());
        expect_clean();
    }
    void expire() {
        clock_.advance(minutes{30});
        test::run(jobs_.expire_unpaid());
        expect_clean();
    }
    // The payment side's worker asks the providers about what is due.
    void work() {
        while (test::run(worker_.run_once())) {
        }
        expect_clean();
    }
    // The refund side's worker, and what it tells.
    void give_back() {
        while (test::run(refund_worker_.run_once())) {
        }
        expect_clean();
        relay();
    }
    void relay() {
        while (test::run(relay_.run_once()) > 0) {
        }
        expect_clean();
    }

    // ---- what is to be seen ----

    std::string status(OrderNo number) {
        const auto read = [&](sql::Reader& reader) {
            return orders::get_order(reader, std::nullopt, number);
        };
        const auto found = database().read_blocking(read);
        const orders::Order& order = found.value().order;
        std::string status{orders::to_string(order.status)};
        status.append("/").append(orders::to_string(order.payment_status));
        if (order.close_reason) status.append("/").append(orders::to_string(*order.close_reason));
        return status;
    }
    std::string last_trade() {
        return text("SELECT out_trade_no FROM payments ORDER BY id DESC LIMIT 1");
    }
    void expect_level(std::int64_t available, std::int64_t reserved, std::int64_t sold) {
        const auto read = [&](sql::Reader& reader) {
            return stock_.levels(reader, std::span{&teapot_, 1}).at(teapot_);
        };
        const auto level = database().read_blocking(read);
        EXPECT_EQ(level.available, available);
        EXPECT_EQ(level.reserved, reserved);
        EXPECT_EQ(level.sold, sold);
    }
    std::int64_t told(const std::string& topic) {
        return integer("SELECT COUNT(*) FROM outbox WHERE topic = $1", {topic});
    }
    void expect_clean() {
        const auto look = [&](sql::Reader& reader) { return audit::audit(reader, clock_.now()); };
        const auto verdicts = database().read_blocking(look);
        EXPECT_TRUE(audit::is_clean(verdicts)) << audit::report(verdicts);
    }

    const PaymentProvider::Headers signed_ = FakeProvider::signed_headers();
    test::ManualClock clock_;
    test::SeededRandom random_{5};
    events::Outbox outbox_{clock_};
    memory::InProcessBus bus_;
    events::Subscriptions subscriptions_{bus_, database(), clock_};
    events::Relay relay_{database(), bus_, clock_};
    inventory::InventoryService stock_{clock_};
    cart::CartService carts_{clock_};
    shipping::AddressService addresses_{clock_};
    events::AuditLog audit_log_{clock_};
    FakeProvider wechat_{"wechat_pay", clock_};
    FakeProvider alipay_{"alipay", clock_};
    payments::PaymentService payments_{database(), clock_, random_, outbox_, {&wechat_, &alipay_}};
    payments::PaymentWorker worker_{database(), clock_, payments_};
    orders::OrderNumbers numbers_{clock_, random_};
    refunds::RefundService refunds_{database(), clock_, outbox_, {&wechat_, &alipay_}};
    refunds::RefundWorker refund_worker_{database(), clock_, refunds_};
    orders::OrderService orders_{
        {stock_, carts_, addresses_, outbox_, audit_log_, payments_, refunds_, numbers_, clock_},
        {}};
    orders::OrderJobs jobs_{database(), orders_, clock_};

    test::ShopData shop_{database()};
    UserId buyer_ = shop_.add_user("buyer");
    AddressId address_ = shop_.add_address(buyer_);
    SkuId teapot_ = shop_.add_stocked_sku(Money::fen(2500), 10);
};
DOORBUSTER_ON_BOTH_ENGINES(Checkout);

TEST_P(Checkout, an_order_is_placed_paid_notified_and_shown_as_paid) {
    const OrderNo number = placed();
    const auto code = pay(number);
    ASSERT_TRUE(code.has_value());
    EXPECT_EQ(code->amount, Money::fen(6000));  // two teapots and freight
    expect_level(8, 2, 0);
    ASSERT_TRUE(wechat_.pay(last_trade()));
    clock_.advance(seconds{7});
    EXPECT_EQ(notify(wechat_, last_trade()), 204);
    EXPECT_EQ(status(number), "pending_payment/unpaid");
    relay();
    EXPECT_EQ(status(number), "paid/paid");
    expect_level(8, 0, 2);
    EXPECT_EQ(told("order.paid"), 1);
    EXPECT_TRUE(pay(number).error().is(orders::kAlreadyPaid));
}

TEST_P(Checkout, a_notification_that_never_comes_is_replaced_by_asking) {
    const OrderNo number = placed();
    ASSERT_TRUE(pay(number).has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    clock_.advance(seconds{5});
    work();
    relay();
    EXPECT_EQ(status(number), "paid/paid");
}

TEST_P(Checkout, an_order_without_an_attempt_closes_at_once) {
    const OrderNo expired = placed();
    expire();
    EXPECT_EQ(status(expired), "closed/unpaid/timeout");
    const OrderNo cancelled = placed();
    cancel(cancelled);
    EXPECT_EQ(status(cancelled), "closed/unpaid/user");
    expect_level(10, 0, 0);
    relay();
    EXPECT_EQ(status(expired), "closed/unpaid/timeout");
    EXPECT_EQ(told("order.closed"), 2);
    EXPECT_TRUE(pay(cancelled).error().is(orders::kAlreadyClosed));
}

TEST_P(Checkout, stock_comes_back_only_after_the_provider_has_closed_the_payment) {
    const OrderNo number = placed();
    ASSERT_TRUE(pay(number).has_value());
    wechat_.fault = [](std::string_view) { return FakeProvider::Fault::lost; };
    expire();
    work();
    relay();
    EXPECT_EQ(status(number), "closing/unpaid/timeout");
    expect_level(8, 2, 0);
    wechat_.fault = [](std::string_view) { return FakeProvider::Fault::none; };
    clock_.advance(minutes{1});
    work();
    EXPECT_EQ(wechat_.orders.at(last_trade()).state, ProviderTrade::State::closed);
    relay();
    EXPECT_EQ(status(number), "closed/unpaid/timeout");
    expect_level(10, 0, 0);
    EXPECT_FALSE(wechat_.pay(last_trade()));
}

TEST_P(Checkout, a_payment_that_wins_against_the_expiry_makes_the_order_paid) {
    const OrderNo number = placed();
    ASSERT_TRUE(pay(number).has_value());
    expire();
    EXPECT_EQ(status(number), "closing/unpaid/timeout");
    ASSERT_TRUE(wechat_.pay(last_trade()));  // before our close arrives there
    work();
    relay();
    EXPECT_EQ(status(number), "paid/paid");
    expect_level(8, 0, 2);
    EXPECT_EQ(told("payment.closed"), 0);
}

TEST_P(Checkout, a_notification_and_a_cancellation_at_once_end_in_one_outcome) {
    for (int i = 0; i < 3; ++i) {
        const OrderNo number = placed(1);
        ASSERT_TRUE(pay(number).has_value());
        ASSERT_TRUE(wechat_.pay(last_trade()));
        const std::string body = wechat_.notification(last_trade());
        const auto one_of_two = [&](std::size_t index) -> Task<void> {
            if (index == 0) {
                co_await payments_.notified(wechat_, signed_, body);
                co_return;
            }
            const auto act = [&](sql::Transaction& tx) {
                return orders_.cancel(tx, buyer_, number);
            };
            const auto cancelled = co_await database().write(act);
            EXPECT_TRUE(cancelled.has_value());
        };
        test::run(events::for_each_bounded(2, 2, one_of_two));
        relay();
        EXPECT_EQ(status(number), "paid/paid");  // the money was there first
    }
    expect_level(7, 0, 3);
}

TEST_P(Checkout, money_after_the_close_goes_back_when_the_units_are_gone) {
    const OrderNo number = placed();
    ASSERT_TRUE(pay(number).has_value());
    const std::string trade = last_trade();
    expire();
    work();
    relay();
    ASSERT_EQ(status(number), "closed/unpaid/timeout");
    placed(9);
    wechat_.pay_in_spite(trade);
    EXPECT_EQ(notify(wechat_, trade), 204);
    relay();
    EXPECT_EQ(status(number), "closed/refunding/timeout");
    expect_level(1, 9, 0);
    EXPECT_EQ(integer("SELECT refund_due FROM payments"), 1);
    EXPECT_EQ(integer("SELECT late FROM payments"), 1);
    EXPECT_EQ(told("payment.succeeded"), 0);
    EXPECT_EQ(told("order.paid"), 0);
    EXPECT_EQ(notify(wechat_, trade), 204);  // told again
    relay();
    EXPECT_EQ(told("payment.refund_due"), 1);
    give_back();
    EXPECT_EQ(status(number), "closed/refunded/timeout");
    EXPECT_EQ(wechat_.refunded(trade), wechat_.orders.at(trade).asked.amount);
}

TEST_P(Checkout, money_after_the_close_takes_the_units_again_when_they_are_left) {
    const OrderNo number = placed();
    ASSERT_TRUE(pay(number).has_value());
    const std::string trade = last_trade();
    expire();
    work();
    relay();
    ASSERT_EQ(status(number), "closed/unpaid/timeout");
    wechat_.pay_in_spite(trade);
    EXPECT_EQ(notify(wechat_, trade), 204);
    relay();
    EXPECT_EQ(status(number), "paid/paid");
    expect_level(8, 0, 2);
    EXPECT_EQ(integer("SELECT refund_due FROM payments"), 0);
    clock_.advance(hours{1});
    give_back();
    EXPECT_EQ(status(number), "paid/paid") << "what is kept does not go back";
    EXPECT_EQ(told("order.paid"), 1);
}

TEST_P(Checkout, an_order_cancelled_after_it_was_paid_is_refunded_and_its_units_come_back) {
    const OrderNo number = placed();
    ASSERT_TRUE(pay(number).has_value());
    const std::string trade = last_trade();
    ASSERT_TRUE(wechat_.pay(trade));
    EXPECT_EQ(notify(wechat_, trade), 204);
    relay();
    cancel(number);
    EXPECT_EQ(status(number), "closed/refunding/refunded");
    expect_level(10, 0, 0);
    cancel(number);
    give_back();
    EXPECT_EQ(status(number), "closed/refunded/refunded");
    EXPECT_EQ(wechat_.refunds.size(), 1u);
}

TEST_P(Checkout, a_refund_that_fails_is_seen_at_the_order_and_one_by_staff_mends_it) {
    const OrderNo number = placed();
    ASSERT_TRUE(pay(number).has_value());
    const std::string trade = last_trade();
    ASSERT_TRUE(wechat_.pay(trade));
    EXPECT_EQ(notify(wechat_, trade), 204);
    relay();
    wechat_.refunds_begin_as = ProviderRefund::State::failed;
    cancel(number);
    give_back();
    EXPECT_EQ(status(number), "closed/refund_due/refunded");
    wechat_.refunds_begin_as = ProviderRefund::State::succeeded;
    const RefundId failed{integer("SELECT id FROM refunds")};
    const auto retry = [&](sql::Transaction& tx) { return refunds_.retry(tx, failed, UserId{1}); };
    ASSERT_TRUE(database().write_blocking(retry).has_value());
    relay();
    EXPECT_EQ(status(number), "closed/refunding/refunded");
    give_back();
    EXPECT_EQ(status(number), "closed/refunded/refunded");
}

TEST_P(Checkout, many_notifications_at_once_pay_the_order_once) {
    const OrderNo number = placed();
    ASSERT_TRUE(pay(number).has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    const std::string same = wechat_.notification(last_trade());
    const std::string other = wechat_.notification(last_trade());
    const auto deliver = [&](std::size_t index) -> Task<void> {
        const std::string body = index % 2 == 0 ? same : other;
        const auto reply = co_await payments_.notified(wechat_, signed_, body);
        EXPECT_EQ(reply.status, 204);
        co_await relay_.run_once();
    };
    test::run(events::for_each_bounded(12, 12, deliver));
    relay();
    EXPECT_EQ(status(number), "paid/paid");
    expect_level(8, 0, 2);
    EXPECT_EQ(told("payment.succeeded"), 1);
    EXPECT_EQ(told("order.paid"), 1);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM order_events WHERE kind = 'paid'"), 1);
}

TEST_P(Checkout, a_notification_that_comes_again_after_shipping_changes_nothing) {
    const OrderNo number = placed();
    ASSERT_TRUE(pay(number).has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    EXPECT_EQ(notify(wechat_, last_trade()), 204);
    relay();
    const auto ship = [&](sql::Transaction& tx) {
        return orders_.ship(tx, buyer_, number, "SF Express", "SF1");
    };
    ASSERT_TRUE(database().write_blocking(ship).has_value());
    EXPECT_EQ(notify(wechat_, last_trade()), 204);
    execute("UPDATE outbox SET published_at = NULL, next_attempt_at = 0");
    relay();
    EXPECT_EQ(status(number), "shipped/paid");
    expect_level(8, 0, 2);
}

TEST_P(Checkout, changing_the_provider_closes_the_first_code_before_it_shows_the_second) {
    const OrderNo number = placed();
    ASSERT_TRUE(pay(number, "wechat_pay").has_value());
    const std::string first = last_trade();
    const auto second = pay(number, "alipay");
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->provider, "alipay");
    EXPECT_FALSE(wechat_.pay(first));
    ASSERT_TRUE(alipay_.pay(last_trade()));
    EXPECT_EQ(notify(alipay_, last_trade()), 204);
    relay();
    EXPECT_EQ(status(number), "paid/paid");
}

TEST_P(Checkout, paying_twice_by_two_providers_keeps_one_payment_and_flags_the_other) {
    const OrderNo number = placed();
    ASSERT_TRUE(pay(number, "wechat_pay").has_value());
    const std::string first = last_trade();
    ASSERT_TRUE(pay(number, "alipay").has_value());
    ASSERT_TRUE(alipay_.pay(last_trade()));
    EXPECT_EQ(notify(alipay_, last_trade()), 204);
    wechat_.pay_in_spite(first);
    EXPECT_EQ(notify(wechat_, first), 204);
    relay();
    EXPECT_EQ(status(number), "paid/paid");
    expect_level(8, 0, 2);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM payments WHERE duplicate = 1 AND refund_due = 1"), 1);
    EXPECT_EQ(told("order.paid"), 1);
}

// The order was read as payable, then given up, and only now the payment side is asked.
TEST_P(Checkout, no_attempt_begins_for_an_order_that_was_given_up_meanwhile) {
    const OrderNo number = placed();
    const payments::PaymentOrder wanted{
        number.to_string(),
        buyer_.to_string(),
        Money::fen(6000),
        "Teapot",
        clock_.now() + minutes{30}};
    cancel(number);
    const auto late = test::run(payments_.pay(wanted, "wechat_pay"));
    EXPECT_TRUE(late.error().is(payments::kPaymentTooLate));
    EXPECT_TRUE(wechat_.orders.empty());
    EXPECT_EQ(status(number), "closed/unpaid/user");
}

// A process that dies loses what it holds in memory, and nothing else: what is due is a column.
TEST_P(Checkout, a_restart_in_the_middle_loses_no_timer_and_no_event) {
    const OrderNo unpaid = placed(1);
    const OrderNo bought = placed(1);
    ASSERT_TRUE(pay(bought).has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    EXPECT_EQ(notify(wechat_, last_trade()), 204);
    test_database().reopen();
    memory::InProcessBus bus;
    events::Subscriptions subscriptions{bus, database(), clock_};
    orders::listen_to_payments(subscriptions, orders_);
    events::Relay relay{database(), bus, clock_};
    EXPECT_GT(test::run(relay.run_once()), 0u);
    EXPECT_EQ(status(bought), "paid/paid");
    clock_.advance(minutes{30});
    orders::OrderJobs jobs{database(), orders_, clock_};
    test::run(jobs.expire_unpaid());
    EXPECT_EQ(status(unpaid), "closed/unpaid/timeout");
    expect_level(9, 0, 1);
}

}  // namespace
}  // namespace doorbuster
