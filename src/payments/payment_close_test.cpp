#include <atomic>

#include "ports/log.hpp"
#include "support/payment_world.hpp"

// What is given up is closed at its provider before anybody is told so.
namespace doorbuster::payments {
namespace {

class PaymentsGivenUp : public PaymentWorld {};
DOORBUSTER_ON_BOTH_ENGINES(PaymentsGivenUp);

TEST_P(PaymentsGivenUp, answer_closed_at_once_when_there_never_was_an_attempt) {
    give_up();
    EXPECT_EQ(told(), "payment.closed");
    const auto event = PaymentEvent::from_json(text("SELECT payload FROM outbox"));
    EXPECT_EQ(event.reference, kRef);
    EXPECT_EQ(event.payment, "");
    EXPECT_EQ(text("SELECT key FROM outbox"), kRef);
    give_up();
    EXPECT_EQ(told(), "payment.closed");
    EXPECT_TRUE(pay().error().is(kPaymentTooLate));
}

TEST_P(PaymentsGivenUp, ask_nothing_of_the_provider_when_the_callers_transaction_rolls_back) {
    ASSERT_TRUE(pay().has_value());
    const auto body = [&](sql::Transaction& tx) -> Result<void> {
        service_->close(tx, kRef);
        return kNotFound;
    };
    EXPECT_TRUE(database().write_blocking(body).has_error());
    EXPECT_EQ(states(), "pending");
}

TEST_P(PaymentsGivenUp, close_at_the_provider_before_they_answer_closed) {
    ASSERT_TRUE(pay().has_value());
    give_up();
    EXPECT_EQ(states(), "closing");
    EXPECT_EQ(told(), "");
    work();
    EXPECT_EQ(states(), "closed");
    EXPECT_EQ(told(), "payment.closed");
    EXPECT_EQ(wechat_.orders.at(last_trade()).state, ProviderTrade::State::closed);
    give_up();
    work();
    EXPECT_EQ(told(), "payment.closed");
}

TEST_P(PaymentsGivenUp, answer_succeeded_when_closing_finds_money) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    give_up();
    work();
    EXPECT_EQ(states(), "paid");
    EXPECT_EQ(told(), "payment.succeeded");
}

TEST_P(PaymentsGivenUp, stay_closing_while_the_provider_cannot_be_reached) {
    ASSERT_TRUE(pay().has_value());
    give_up();
    fail_all(wechat_, Fault::lost);
    for (int i = 0; i < 10; ++i) work_after(minutes{30});
    EXPECT_EQ(states(), "closing");
    EXPECT_EQ(told(), "");
    heal(wechat_);
    work_after(minutes{30});
    EXPECT_EQ(told(), "payment.closed");
}

class AlarmBell final : public log::Sink {
public:
    AlarmBell() { log::install(this); }
    ~AlarmBell() override { log::install(nullptr); }
    bool wants(log::Level level) const override { return level == log::Level::error; }
    void write(log::Level, std::string_view event, std::initializer_list<log::Field>) override {
        rings += event == "payment_alarm" ? 1 : 0;
    }
    std::atomic<int> rings = 0;
};

TEST_P(PaymentsGivenUp, call_a_person_when_closing_drags_on) {
    ASSERT_TRUE(pay().has_value());
    give_up();
    fail_all(wechat_, Fault::lost);
    AlarmBell bell;
    for (int i = 0; i < 4; ++i) work_after(minutes{30});
    EXPECT_EQ(bell.rings, 0);
    work_after(minutes{30});
    EXPECT_EQ(bell.rings, 1);
}

TEST_P(PaymentsGivenUp, call_a_person_when_a_success_does_not_match) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    ProviderTrade trade = wechat_.trade(last_trade());
    trade.amount = Money::fen(1);
    AlarmBell bell;
    notify(wechat_, wechat_.notification(trade));
    EXPECT_EQ(bell.rings, 1);
}

TEST_P(PaymentsGivenUp, ask_again_when_the_answer_to_a_close_was_lost) {
    ASSERT_TRUE(pay().has_value());
    give_up();
    fail_all(wechat_, Fault::no_answer);
    work();
    EXPECT_EQ(states(), "closing");
    heal(wechat_);
    restart();
    work_after(seconds{6});
    EXPECT_EQ(states(), "closed");
    EXPECT_EQ(told(), "payment.closed");
}

TEST_P(PaymentsGivenUp, wait_for_the_margin_before_absence_is_final) {
    fail_all(wechat_, Fault::lost);
    ASSERT_TRUE(pay().has_error());
    give_up();
    heal(wechat_);
    work_after(seconds{30});
    EXPECT_EQ(states(), "closing") << "the lost call may still arrive";
    clock_.advance(minutes{29} + seconds{30});
    work_after(seconds{50});
    EXPECT_EQ(states(), "closing") << "the margin after the deadline is not over";
    work_after(minutes{30});
    EXPECT_EQ(states(), "closed");
    EXPECT_EQ(told(), "payment.closed");
}

TEST_P(PaymentsGivenUp, take_money_that_comes_before_the_close_is_confirmed) {
    ASSERT_TRUE(pay().has_value());
    fail_all(wechat_, Fault::lost);
    give_up();
    work();
    ASSERT_TRUE(wechat_.pay(last_trade()));
    EXPECT_EQ(notify(wechat_, wechat_.notification(last_trade())).status, 204);
    EXPECT_EQ(states(), "paid");
    EXPECT_EQ(told(), "payment.succeeded");
}

TEST_P(PaymentsGivenUp, close_themselves_at_the_deadline_without_an_answer_nobody_asked_for) {
    ASSERT_TRUE(pay().has_value());
    work_after(minutes{30});
    EXPECT_EQ(states(), "closed");
    EXPECT_EQ(told(), "");
    give_up();
    EXPECT_EQ(told(), "payment.closed");
}

}  // namespace
}  // namespace doorbuster::payments
