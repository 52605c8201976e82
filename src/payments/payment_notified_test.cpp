#include "events/bounded.hpp"
#include "support/payment_world.hpp"

// What a provider tells by itself, once, twice, too late or wrongly.
namespace doorbuster::payments {
namespace {

class PaymentsTold : public PaymentWorld {
protected:
    // The trade numbers of one reference at both providers. Its buyer has paid at both, at the
    // first although it had been left for the second.
    struct Twice {
        std::string wechat;
        std::string alipay;
    };
    Twice paid_twice() {
        EXPECT_TRUE(pay("wechat_pay").has_value());
        const std::string first = last_trade();
        EXPECT_TRUE(pay("alipay").has_value());
        const std::string second = last_trade();
        EXPECT_TRUE(alipay_.pay(second));
        wechat_.pay_in_spite(first);
        return {first, second};
    }
};
DOORBUSTER_ON_BOTH_ENGINES(PaymentsTold);

TEST_P(PaymentsTold, are_paid_by_a_verified_notification) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    EXPECT_EQ(notify(wechat_, wechat_.notification(last_trade())).status, 204);
    EXPECT_EQ(states(), "paid");
    EXPECT_EQ(told(), "payment.succeeded");
    EXPECT_EQ(verdict(), "paid");
    const auto event = PaymentEvent::from_json(text("SELECT payload FROM outbox"));
    EXPECT_EQ(event.amount, Money::fen(8888));
    EXPECT_EQ(event.transaction, wechat_.orders.at(last_trade()).transaction);
    EXPECT_EQ(event.reference, kRef);
    EXPECT_FALSE(event.late);
}

TEST_P(PaymentsTold, believe_nothing_that_is_not_proven) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    const std::string body = wechat_.notification(last_trade());
    const PaymentProvider::Headers forged{{"Wechatpay-Signature", "bad"}};
    EXPECT_EQ(test::run(service_->notified(wechat_, forged, body)).status, 401);
    EXPECT_EQ(notify(wechat_, body + " ").status, 401);
    EXPECT_EQ(states(), "pending");
    EXPECT_EQ(integer("SELECT count(*) FROM payment_notifications"), 0);
}

TEST_P(PaymentsTold, are_paid_once_however_often_they_are_told) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    const std::string same = wechat_.notification(last_trade());
    const std::string other_id = wechat_.notification(last_trade());
    for (const std::string& body : {same, same, other_id, same, other_id}) {
        EXPECT_EQ(notify(wechat_, body).status, 204);
    }
    EXPECT_EQ(states(), "paid");
    EXPECT_EQ(told(), "payment.succeeded");
    EXPECT_EQ(integer("SELECT count(*) FROM payment_notifications"), 2);
    EXPECT_EQ(text("SELECT verdict FROM payment_notifications ORDER BY id LIMIT 1"), "paid");
}

TEST_P(PaymentsTold, are_paid_once_when_told_many_times_at_the_same_moment) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    const std::string same = wechat_.notification(last_trade());
    const std::string other_id = wechat_.notification(last_trade());
    int accepted = 0;
    const auto deliver = [&](std::size_t index) -> Task<void> {
        const std::string body = index % 2 == 0 ? same : other_id;
        const auto reply = co_await service_->notified(wechat_, signed_, body);
        accepted += reply.status == 204 ? 1 : 0;
    };
    test::run(events::for_each_bounded(16, 16, deliver));
    EXPECT_EQ(accepted, 16);
    EXPECT_EQ(told(), "payment.succeeded");
}

TEST_P(PaymentsTold, flag_a_success_that_is_not_about_them_and_change_nothing) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    const ProviderTrade right = wechat_.trade(last_trade());
    std::vector<ProviderTrade> wrong(5, right);
    wrong[0].amount = Money::fen(1);
    wrong[1].currency = "USD";
    wrong[2].merchant = "1900000999";
    wrong[3].seller = "wxother";
    wrong[4].transaction_id = "";
    for (const ProviderTrade& trade : wrong) {
        EXPECT_EQ(notify(wechat_, wechat_.notification(trade)).status, 503);
        EXPECT_EQ(verdict(), "suspect");
        EXPECT_EQ(states(), "pending+suspect");
    }
    EXPECT_EQ(told(), "");
    // The truth is still taken when it comes.
    EXPECT_EQ(notify(wechat_, wechat_.notification(right)).status, 204);
    EXPECT_EQ(states(), "paid+suspect");
}

TEST_P(PaymentsTold, keep_the_reason_of_a_doubt_when_calls_fail_later) {
    fail_all(wechat_, Fault::no_answer);
    ASSERT_TRUE(pay().has_error());
    EXPECT_NE(text("SELECT failure FROM payments"), "");
    ProviderTrade wrong = wechat_.trade(last_trade());
    wrong.merchant = "1900000999";
    wrong.state = ProviderTrade::State::paid;
    notify(wechat_, wechat_.notification(wrong));
    fail_all(wechat_, Fault::lost);
    ASSERT_TRUE(pay().has_error());
    EXPECT_EQ(text("SELECT failure FROM payments"), "mismatch: merchant");
}

TEST_P(PaymentsTold, flag_a_transaction_that_belongs_to_another_attempt) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    ProviderTrade trade = wechat_.trade(last_trade());
    notify(wechat_, wechat_.notification(trade));
    ASSERT_TRUE(pay("wechat_pay", "5002").has_value());
    trade.out_trade_no = last_trade();
    EXPECT_EQ(notify(wechat_, wechat_.notification(trade)).status, 503);
    EXPECT_EQ(text("SELECT state FROM payments ORDER BY id DESC LIMIT 1"), "pending");
    EXPECT_EQ(integer("SELECT suspect FROM payments ORDER BY id DESC LIMIT 1"), 1);
}

TEST_P(PaymentsTold, alarm_when_one_attempt_is_paid_by_two_transactions) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    ProviderTrade trade = wechat_.trade(last_trade());
    notify(wechat_, wechat_.notification(trade));
    const std::string first = trade.transaction_id;
    trade.transaction_id = "another";
    EXPECT_EQ(notify(wechat_, wechat_.notification(trade)).status, 503);
    EXPECT_EQ(states(), "paid+suspect");
    EXPECT_EQ(text("SELECT transaction_id FROM payments"), first);
    EXPECT_EQ(told(), "payment.succeeded");
}

TEST_P(PaymentsTold, keep_and_refuse_a_notification_of_an_order_they_do_not_know) {
    ProviderTrade trade;
    trade.state = ProviderTrade::State::paid;
    trade.out_trade_no = "NOT_OURS_1";
    trade.transaction_id = "4200";
    EXPECT_EQ(notify(wechat_, wechat_.notification(trade)).status, 503);
    EXPECT_EQ(verdict(), "unknown_order");
    EXPECT_EQ(told(), "");
}

TEST_P(PaymentsTold, judge_a_refused_notification_again_when_it_comes_again) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    ProviderTrade trade = wechat_.trade(last_trade());
    trade.amount = Money::fen(1);
    notify(wechat_, wechat_.notification(trade, "same-id"));
    EXPECT_EQ(verdict(), "suspect");
    trade.amount = Money::fen(8888);
    EXPECT_EQ(notify(wechat_, wechat_.notification(trade, "same-id")).status, 204);
    EXPECT_EQ(verdict(), "paid");
    EXPECT_EQ(told(), "payment.succeeded");
}

TEST_P(PaymentsTold, are_not_moved_by_a_refund_notification_or_an_unpaid_state) {
    ASSERT_TRUE(pay().has_value());
    EXPECT_EQ(notify(wechat_, wechat_.notification(last_trade())).status, 204);
    EXPECT_EQ(verdict(), "no_effect");
    ASSERT_TRUE(wechat_.pay(last_trade()));
    const auto refund = wechat_.refund_notification(wechat_.trade(last_trade()));
    EXPECT_EQ(notify(wechat_, refund).status, 204);
    EXPECT_EQ(verdict(), "not_a_payment");
    EXPECT_EQ(states(), "pending");
}

TEST_P(PaymentsTold, ask_for_a_repeat_when_a_notification_cannot_be_stored) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    const std::string body = wechat_.notification(last_trade());
    execute("ALTER TABLE payment_notifications RENAME TO gone");
    EXPECT_EQ(notify(wechat_, body).status, 503);
    EXPECT_EQ(states(), "pending");
    execute("ALTER TABLE gone RENAME TO payment_notifications");
    EXPECT_EQ(notify(wechat_, body).status, 204);
    EXPECT_EQ(states(), "paid");
}

TEST_P(PaymentsTold, are_paid_by_a_notification_that_overtakes_the_answer_of_create) {
    fail_all(wechat_, Fault::no_answer);
    ASSERT_TRUE(pay().has_error());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    EXPECT_EQ(notify(wechat_, wechat_.notification(last_trade())).status, 204);
    EXPECT_EQ(states(), "paid");
}

TEST_P(PaymentsTold, give_money_back_that_comes_after_closed_was_answered) {
    ASSERT_TRUE(pay().has_value());
    give_up();
    work();
    wechat_.pay_in_spite(last_trade());
    const std::string body = wechat_.notification(last_trade());
    EXPECT_EQ(notify(wechat_, body).status, 204);
    EXPECT_EQ(notify(wechat_, body).status, 204);
    EXPECT_EQ(states(), "paid+late+refund_due");
    EXPECT_EQ(told(), "payment.closed payment.refund_due");
    EXPECT_EQ(verdict(), "late");
}

TEST_P(PaymentsTold, keep_late_money_of_a_reference_that_was_not_given_up) {
    ASSERT_TRUE(pay("wechat_pay").has_value());
    const std::string first = last_trade();
    ASSERT_TRUE(pay("alipay").has_value());
    wechat_.pay_in_spite(first);
    EXPECT_EQ(notify(wechat_, wechat_.notification(first)).status, 204);
    EXPECT_EQ(told(), "payment.succeeded");
    EXPECT_EQ(states(), "paid+late closing") << "the other code must not be paid, too";
    work();
    EXPECT_EQ(states(), "paid+late closed");
    EXPECT_EQ(told(), "payment.succeeded");
}

TEST_P(PaymentsTold, give_a_second_payment_back) {
    const auto [wechat, alipay] = paid_twice();
    EXPECT_EQ(notify(alipay_, alipay_.notification(alipay)).status, 204);
    EXPECT_EQ(notify(wechat_, wechat_.notification(wechat)).status, 204);
    EXPECT_EQ(states(), "paid+late+duplicate+refund_due paid");
    EXPECT_EQ(told(), "payment.succeeded payment.refund_due");
    EXPECT_EQ(verdict(), "duplicate");
}

TEST_P(PaymentsTold, answer_once_when_both_providers_tell_of_success_at_the_same_moment) {
    const auto [wechat, alipay] = paid_twice();
    const std::vector<std::string> bodies{
        wechat_.notification(wechat), alipay_.notification(alipay)};
    const auto deliver = [&](std::size_t index) -> Task<void> {
        FakeProvider& provider = index % 2 == 0 ? wechat_ : alipay_;
        const std::string body = bodies[index % 2];
        co_await service_->notified(provider, signed_, body);
    };
    test::run(events::for_each_bounded(8, 8, deliver));
    EXPECT_EQ(integer("SELECT count(*) FROM outbox WHERE topic = 'payment.succeeded'"), 1);
    EXPECT_EQ(integer("SELECT count(*) FROM outbox WHERE topic = 'payment.refund_due'"), 1);
    EXPECT_EQ(integer("SELECT count(*) FROM payments WHERE state = 'paid' AND duplicate = 1"), 1);
}

TEST_P(PaymentsTold, record_money_that_came_and_went_without_us_and_flag_it) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    wechat_.orders.at(last_trade()).state = ProviderTrade::State::refunded;
    work_after(seconds{5});
    EXPECT_EQ(states(), "paid+suspect");
    EXPECT_EQ(told(), "payment.succeeded");
}

}  // namespace
}  // namespace doorbuster::payments
