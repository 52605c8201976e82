#include "events/bounded.hpp"
#include "support/payment_world.hpp"

// How an attempt begins, and who sees it.
namespace doorbuster::payments {
namespace {

class Payments : public PaymentWorld {};
DOORBUSTER_ON_BOTH_ENGINES(Payments);

TEST_P(Payments, show_a_code_for_the_amount_of_the_order) {
    const auto view = pay();
    ASSERT_TRUE(view.has_value());
    EXPECT_EQ(view->status, "pending");
    EXPECT_EQ(view->amount, Money::fen(8888));
    EXPECT_EQ(view->reference, kRef);
    EXPECT_FALSE(view->qr_svg.empty());
    const auto& asked = wechat_.orders.at(last_trade()).asked;
    EXPECT_EQ(asked.amount, Money::fen(8888));
    EXPECT_EQ(asked.expires_at, expires_at_);
}

TEST_P(Payments, are_stored_before_the_provider_hears_of_them) {
    std::int64_t rows = -1;
    wechat_.on_create = [&] { rows = integer("SELECT count(*) FROM payments"); };
    ASSERT_TRUE(pay().has_value());
    EXPECT_EQ(rows, 1);
}

TEST_P(Payments, have_trade_numbers_nobody_can_guess) {
    ASSERT_TRUE(pay().has_value());
    const std::string number = last_trade();
    EXPECT_GE(number.size(), 22u);
    EXPECT_LE(number.size(), 32u);
    EXPECT_EQ(
        number.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz"),
        std::string::npos
    );
    ASSERT_TRUE(pay("wechat_pay", "5002").has_value());
    EXPECT_NE(last_trade(), number);
}

TEST_P(Payments, reuse_the_open_attempt) {
    const auto first = pay();
    const auto second = pay();
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->id, first->id);
    EXPECT_EQ(second->code_url, first->code_url);
    EXPECT_EQ(wechat_.calls["create"], 1);
}

TEST_P(Payments, get_a_new_code_when_the_old_one_is_no_longer_good) {
    expires_at_ = clock_.now() + hours{5};
    const auto first = pay();
    clock_.advance(minutes{116});
    const auto second = pay();
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->id, first->id);
    EXPECT_NE(second->code_url, first->code_url);
    EXPECT_EQ(wechat_.orders.size(), 1u);
}

TEST_P(Payments, keep_an_attempt_whose_creation_got_no_answer_and_repeat_it) {
    fail_all(wechat_, Fault::no_answer);
    const auto first = pay();
    ASSERT_TRUE(first.has_error());
    EXPECT_TRUE(first.error().is(kProviderUnavailable));
    EXPECT_EQ(states(), "created");
    heal(wechat_);
    ASSERT_TRUE(pay().has_value());
    EXPECT_EQ(states(), "pending");
    EXPECT_EQ(wechat_.orders.size(), 1u);
    EXPECT_EQ(wechat_.orders.begin()->second.creates, 2);
}

TEST_P(Payments, are_created_by_the_worker_after_a_crash_in_the_middle) {
    for (const Fault fault : {Fault::crash, Fault::crash_late}) {
        const std::string reference = fault == Fault::crash ? "6001" : "6002";
        fail_all(wechat_, fault);
        EXPECT_THROW((void)pay("wechat_pay", reference), FakeProvider::Crash);
        heal(wechat_);
        restart();
        EXPECT_EQ(text("SELECT state FROM payments ORDER BY id DESC LIMIT 1"), "created");
        work_after(seconds{16});
        EXPECT_EQ(text("SELECT state FROM payments ORDER BY id DESC LIMIT 1"), "pending");
    }
}

TEST_P(Payments, fail_when_the_provider_refuses_the_first_call_for_good) {
    fail_all(wechat_, Fault::refused);
    EXPECT_TRUE(pay().error().is(kProviderUnavailable));
    EXPECT_EQ(states(), "failed");
    heal(wechat_);
    ASSERT_TRUE(pay().has_value());
    EXPECT_EQ(states(), "failed pending");
}

TEST_P(Payments, are_not_failed_by_a_refusal_when_an_earlier_call_may_have_worked) {
    fail_all(wechat_, Fault::no_answer);
    ASSERT_TRUE(pay().has_error());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    // The repeated create is refused: the order is paid already. The truth is asked for.
    heal(wechat_);
    const auto second = pay();
    ASSERT_TRUE(second.has_error());
    EXPECT_TRUE(second.error().is(kAlreadyPaid));
    EXPECT_EQ(states(), "paid");
    EXPECT_EQ(told(), "payment.succeeded");
}

TEST_P(Payments, learn_that_they_are_paid_when_the_repeated_call_gets_no_answer) {
    fail_all(wechat_, Fault::no_answer);
    ASSERT_TRUE(pay().has_error());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    wechat_.fault = [](std::string_view call) {
        return call == "create" ? Fault::lost : Fault::none;
    };
    EXPECT_TRUE(pay().error().is(kAlreadyPaid));
    EXPECT_EQ(states(), "paid");
}

TEST_P(Payments, close_the_attempt_at_one_provider_before_another_begins) {
    ASSERT_TRUE(pay("wechat_pay").has_value());
    const auto second = pay("alipay");
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(states(), "closed pending");
    EXPECT_EQ(wechat_.orders.at(trade_no(1)).state, ProviderTrade::State::closed);
    EXPECT_EQ(told(), "");
}

TEST_P(Payments, learn_from_closing_that_the_first_provider_was_paid) {
    ASSERT_TRUE(pay("wechat_pay").has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    const auto second = pay("alipay");
    ASSERT_TRUE(second.has_error());
    EXPECT_TRUE(second.error().is(kAlreadyPaid));
    EXPECT_EQ(states(), "paid");
    EXPECT_EQ(alipay_.orders.size(), 0u);
}

TEST_P(Payments, begin_nothing_new_while_the_old_attempt_cannot_be_closed) {
    ASSERT_TRUE(pay("wechat_pay").has_value());
    fail_all(wechat_, Fault::lost);
    EXPECT_TRUE(pay("alipay").error().is(kProviderUnavailable));
    EXPECT_EQ(states(), "closing");
    heal(wechat_);
    ASSERT_TRUE(pay("alipay").has_value());
    EXPECT_EQ(states(), "closed pending");
}

TEST_P(Payments, refuse_what_cannot_be_paid) {
    EXPECT_TRUE(pay("paypal").error().is(kUnknownProvider));
    PaymentOrder free_of_charge = order();
    free_of_charge.amount = Money{};
    const auto nothing = test::run(service_->pay(free_of_charge, "wechat_pay"));
    EXPECT_TRUE(nothing.error().is(kNothingToPay));
    EXPECT_EQ(integer("SELECT count(*) FROM payments"), 0);
}

TEST_P(Payments, refuse_a_new_attempt_when_less_than_a_minute_is_left) {
    clock_.advance(minutes{29} + Milliseconds{1});
    EXPECT_TRUE(pay().error().is(kPaymentTooLate));
    EXPECT_EQ(integer("SELECT count(*) FROM payments"), 0);
}

TEST_P(Payments, refuse_a_second_payment_of_what_is_paid) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    notify(wechat_, wechat_.notification(last_trade()));
    EXPECT_TRUE(pay().error().is(kAlreadyPaid));
    EXPECT_TRUE(pay("alipay").error().is(kAlreadyPaid));
}

TEST_P(Payments, make_one_attempt_for_many_who_ask_at_once) {
    const PaymentOrder asked = order();
    int shown = 0;
    const auto ask = [&](std::size_t) -> Task<void> {
        const std::string provider = "wechat_pay";
        const auto view = co_await service_->pay(asked, provider);
        shown += view.has_value() ? 1 : 0;
    };
    test::run(events::for_each_bounded(12, 12, ask));
    EXPECT_EQ(shown, 12);
    EXPECT_EQ(states(), "pending");
    EXPECT_EQ(wechat_.orders.size(), 1u);
}

TEST_P(Payments, bound_the_attempts_of_one_reference) {
    fail_all(wechat_, Fault::refused);
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(pay().error().is(kProviderUnavailable));
    EXPECT_TRUE(pay().error().is(kRateLimited));
    EXPECT_EQ(integer("SELECT count(*) FROM payments"), 20);
}

TEST_P(Payments, are_shown_to_their_owner_only) {
    const auto mine = pay();
    const PaymentId id{std::stoll(mine->id)};
    EXPECT_EQ(test::run(service_->find(id, "42"))->id, mine->id);
    EXPECT_TRUE(test::run(service_->find(id, "43")).error().is(kPaymentNotFound));
    EXPECT_TRUE(test::run(service_->find(PaymentId{0}, "42")).error().is(kPaymentNotFound));
}

TEST_P(Payments, are_listed_by_state_and_flag) {
    ASSERT_TRUE(pay("wechat_pay", "5001").has_value());
    ASSERT_TRUE(pay("wechat_pay", "5002").has_value());
    give_up("5002");
    work();
    wechat_.pay_in_spite(last_trade());
    notify(wechat_, wechat_.notification(last_trade()));
    const auto count = [&](const std::string& state, const std::string& flag) {
        const store::Filter filter{state, flag};
        return test::run(service_->list(filter, 20, 0)).total;
    };
    EXPECT_EQ(count("", ""), 2);
    EXPECT_EQ(count("pending", ""), 1);
    EXPECT_EQ(count("paid", ""), 1);
    EXPECT_EQ(count("", "late"), 1);
    EXPECT_EQ(count("", "refund_due"), 1);
    EXPECT_EQ(count("", "duplicate"), 0);
    EXPECT_EQ(count("pending", "late"), 0);
    const store::Filter any;
    const auto listing = test::run(service_->list(any, 1, 1));
    ASSERT_EQ(listing.payments.size(), 1u);
    EXPECT_EQ(listing.payments[0].reference, "5001");
}

}  // namespace
}  // namespace doorbuster::payments
