#include "support/payment_world.hpp"

// What is found out by asking the provider.
namespace doorbuster::payments {
namespace {

class PaymentsAskedAbout : public PaymentWorld {};
DOORBUSTER_ON_BOTH_ENGINES(PaymentsAskedAbout);

TEST_P(PaymentsAskedAbout, are_found_by_an_active_query_when_no_notification_comes) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    work_after(seconds{4});
    EXPECT_EQ(states(), "pending");
    work_after(seconds{1});
    EXPECT_EQ(states(), "paid");
    EXPECT_EQ(told(), "payment.succeeded");
    EXPECT_EQ(integer("SELECT count(*) FROM payments WHERE next_query_at IS NULL"), 1);
}

TEST_P(PaymentsAskedAbout, are_asked_about_on_schedule_over_restarts_and_then_no_more) {
    ASSERT_TRUE(pay().has_value());
    const Time start = clock_.now();
    std::vector<std::int64_t> asked;
    int before = 0;
    for (int second = 1; second <= 2000; ++second) {
        clock_.advance(seconds{1});
        if (second % 97 == 0) restart();
        // Looking costs a transaction; look only near the moments of the schedule.
        const auto due = integer("SELECT coalesce(min(next_query_at), 0) FROM payments");
        if (due == 0 || due > to_milliseconds(clock_.now())) continue;
        work();
        if (wechat_.calls["query"] > before) asked.push_back((clock_.now() - start).count() / 1000);
        before = wechat_.calls["query"];
    }
    EXPECT_EQ(asked, (std::vector<std::int64_t>{5, 15, 30, 60, 120, 180, 300, 600, 1800}));
    EXPECT_EQ(states(), "closed");
    work_after(hours{1});
    work_after(hours{24});
    EXPECT_EQ(wechat_.calls["query"], before + 2);
    work_after(hours{1000});
    EXPECT_EQ(wechat_.calls["query"], before + 2);
}

TEST_P(PaymentsAskedAbout, notice_money_an_hour_or_a_day_after_the_close) {
    ASSERT_TRUE(pay().has_value());
    give_up();
    work();
    work_after(hours{1});
    wechat_.pay_in_spite(last_trade());
    work_after(hours{23});
    EXPECT_EQ(states(), "paid+late+refund_due");
    EXPECT_EQ(told(), "payment.closed payment.refund_due");
}

TEST_P(PaymentsAskedAbout, are_not_forgotten_when_a_worker_dies_in_the_middle) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    fail_all(wechat_, Fault::crash);
    clock_.advance(seconds{5});
    EXPECT_THROW(work(), FakeProvider::Crash);
    heal(wechat_);
    restart();
    work_after(seconds{61});
    EXPECT_EQ(states(), "paid");
}

TEST_P(PaymentsAskedAbout, are_asked_about_at_a_bounded_rate) {
    constexpr int kMany = 60;
    for (int i = 0; i < kMany; ++i) {
        ASSERT_TRUE(pay("wechat_pay", std::to_string(7000 + i)).has_value());
    }
    clock_.advance(seconds{5});
    WorkerOptions options;
    options.batch_max = 10;
    options.per_second_max = 5;
    PaymentWorker worker{database(), clock_, *service_, options};
    test::run(worker.run_once());
    EXPECT_EQ(wechat_.calls["query"], 10);
    test::run(worker.run_once());
    EXPECT_EQ(wechat_.calls["query"], 10);
    clock_.advance(seconds{1});
    test::run(worker.run_once());
    EXPECT_EQ(wechat_.calls["query"], 15);
}

TEST_P(PaymentsAskedAbout, of_a_provider_that_was_switched_off_are_kept) {
    ASSERT_TRUE(pay("alipay").has_value());
    service_.emplace(database(), clock_, random_, outbox_, std::vector<PaymentProvider*>{&wechat_});
    EXPECT_NO_THROW(test::run(service_->step(PaymentId{1})));
    EXPECT_EQ(states(), "pending");
}

}  // namespace
}  // namespace doorbuster::payments
