#include "payments/payment_service.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "events/bounded.hpp"
#include "payments/errors.hpp"
#include "payments/events.hpp"
#include "payments/payment_worker.hpp"
#include "ports/log.hpp"
#include "support/fake_provider.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "support/seeded_random.hpp"
#include "support/test_database.hpp"

namespace doorbuster::payments {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using test::FakeProvider;
using Fault = FakeProvider::Fault;

const std::string kRef = "5001";

class Payments : public test::DatabaseTest {
protected:
    void SetUp() override {
        DatabaseTest::SetUp();
        if (!IsSkipped()) restart();
    }
    // A new process on the same data.
    void restart() {
        worker_.reset();
        service_.emplace(
            database(), clock_, random_, outbox_, std::vector<PaymentProvider*>{&wechat_, &alipay_}
        );
        worker_.emplace(database(), clock_, *service_);
    }
    PaymentOrder order(const std::string& reference = kRef) const {
        return {reference, "42", Money::fen(8888), "双十一 order", expires_at_};
    }
    Result<PaymentView> pay(
        const std::string& provider = "wechat_pay", const std::string& reference = kRef
    ) {
        const PaymentOrder asked = order(reference);
        return test::run(service_->pay(asked, provider));
    }
    void give_up(const std::string& reference = kRef) {
        const auto body = [&](sql::Transaction& tx) { service_->close(tx, reference); };
        database().write_blocking(body);
    }
    NotificationReply notify(FakeProvider& provider, const std::string& body) {
        return test::run(service_->notified(provider, signed_, body));
    }
    void work() {
        while (test::run(worker_->run_once())) {
        }
    }
    void work_after(Milliseconds pause) {
        clock_.advance(pause);
        work();
    }

    std::string trade_no(std::int64_t id) {
        return text("SELECT out_trade_no FROM payments WHERE id = $1", {id});
    }
    std::string last_trade() {
        return text("SELECT out_trade_no FROM payments ORDER BY id DESC LIMIT 1");
    }
    std::string states() {
        const auto body = [&](sql::Reader& reader) {
            std::string all;
            for (const Payment& payment : store::of_reference(reader, "shop", kRef)) {
                all += (all.empty() ? "" : " ") + std::string{to_string(payment.state)};
                if (payment.late) all += "+late";
                if (payment.duplicate) all += "+duplicate";
                if (payment.suspect) all += "+suspect";
                if (payment.refund_due) all += "+refund_due";
            }
            return all;
        };
        return database().read_blocking(body);
    }
    // The topics told so far, in order.
    std::string told() {
        static constexpr sql::Statement all{
            "test.told",
            "SELECT topic FROM outbox ORDER BY id",
            "SELECT topic FROM outbox ORDER BY id"};
        const auto body = [&](sql::Reader& reader) {
            std::string topics;
            reader.query(all, {}, [&](const sql::Row& row) {
                topics += (topics.empty() ? "" : " ") + row.string(0);
            });
            return topics;
        };
        return database().read_blocking(body);
    }
    std::string verdict() {
        return text("SELECT verdict FROM payment_notifications ORDER BY id DESC LIMIT 1");
    }
    void fail_all(FakeProvider& provider, Fault fault) {
        provider.fault = [fault](std::string_view) { return fault; };
    }
    void heal(FakeProvider& provider) { fail_all(provider, Fault::none); }

    const PaymentProvider::Headers signed_ = FakeProvider::signed_headers();
    test::ManualClock clock_;
    test::SeededRandom random_{1};
    events::Outbox outbox_{clock_};
    FakeProvider wechat_{"wechat_pay", clock_};
    FakeProvider alipay_{"alipay", clock_};
    Time expires_at_ = clock_.now() + minutes{30};
    std::optional<PaymentService> service_;
    std::optional<PaymentWorker> worker_;
};
DOORBUSTER_ON_BOTH_ENGINES(Payments);

// ---- pay ----

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

// ---- close ----

TEST_P(Payments, answer_closed_at_once_when_there_never_was_an_attempt) {
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

TEST_P(Payments, ask_nothing_of_the_provider_when_the_callers_transaction_rolls_back) {
    ASSERT_TRUE(pay().has_value());
    const auto body = [&](sql::Transaction& tx) -> Result<void> {
        service_->close(tx, kRef);
        return kNotFound;
    };
    EXPECT_TRUE(database().write_blocking(body).has_error());
    EXPECT_EQ(states(), "pending");
}

TEST_P(Payments, close_at_the_provider_before_they_answer_closed) {
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

TEST_P(Payments, answer_succeeded_when_closing_finds_money) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    give_up();
    work();
    EXPECT_EQ(states(), "paid");
    EXPECT_EQ(told(), "payment.succeeded");
}

TEST_P(Payments, stay_closing_while_the_provider_cannot_be_reached) {
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

TEST_P(Payments, call_a_person_when_closing_drags_on) {
    ASSERT_TRUE(pay().has_value());
    give_up();
    fail_all(wechat_, Fault::lost);
    AlarmBell bell;
    for (int i = 0; i < 4; ++i) work_after(minutes{30});
    EXPECT_EQ(bell.rings, 0);
    work_after(minutes{30});
    EXPECT_EQ(bell.rings, 1);
}

TEST_P(Payments, call_a_person_when_a_success_does_not_match) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    ProviderTrade trade = wechat_.trade(last_trade());
    trade.amount = Money::fen(1);
    AlarmBell bell;
    notify(wechat_, wechat_.notification(trade));
    EXPECT_EQ(bell.rings, 1);
}

TEST_P(Payments, ask_again_when_the_answer_to_a_close_was_lost) {
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

TEST_P(Payments, wait_for_the_margin_before_absence_is_final) {
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

TEST_P(Payments, take_money_that_comes_before_the_close_is_confirmed) {
    ASSERT_TRUE(pay().has_value());
    fail_all(wechat_, Fault::lost);
    give_up();
    work();
    ASSERT_TRUE(wechat_.pay(last_trade()));
    EXPECT_EQ(notify(wechat_, wechat_.notification(last_trade())).status, 204);
    EXPECT_EQ(states(), "paid");
    EXPECT_EQ(told(), "payment.succeeded");
}

TEST_P(Payments, close_themselves_at_the_deadline_without_an_answer_nobody_asked_for) {
    ASSERT_TRUE(pay().has_value());
    work_after(minutes{30});
    EXPECT_EQ(states(), "closed");
    EXPECT_EQ(told(), "");
    give_up();
    EXPECT_EQ(told(), "payment.closed");
}

// ---- notifications ----

TEST_P(Payments, are_paid_by_a_verified_notification) {
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

TEST_P(Payments, believe_nothing_that_is_not_proven) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    const std::string body = wechat_.notification(last_trade());
    const PaymentProvider::Headers forged{{"Wechatpay-Signature", "bad"}};
    EXPECT_EQ(test::run(service_->notified(wechat_, forged, body)).status, 401);
    EXPECT_EQ(notify(wechat_, body + " ").status, 401);
    EXPECT_EQ(states(), "pending");
    EXPECT_EQ(integer("SELECT count(*) FROM payment_notifications"), 0);
}

TEST_P(Payments, are_paid_once_however_often_they_are_told) {
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

TEST_P(Payments, are_paid_once_when_told_many_times_at_the_same_moment) {
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

TEST_P(Payments, flag_a_success_that_is_not_about_them_and_change_nothing) {
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

TEST_P(Payments, keep_the_reason_of_a_doubt_when_calls_fail_later) {
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

TEST_P(Payments, flag_a_transaction_that_belongs_to_another_attempt) {
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

TEST_P(Payments, alarm_when_one_attempt_is_paid_by_two_transactions) {
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

TEST_P(Payments, keep_and_refuse_a_notification_of_an_order_they_do_not_know) {
    ProviderTrade trade;
    trade.state = ProviderTrade::State::paid;
    trade.out_trade_no = "NOT_OURS_1";
    trade.transaction_id = "4200";
    EXPECT_EQ(notify(wechat_, wechat_.notification(trade)).status, 503);
    EXPECT_EQ(verdict(), "unknown_order");
    EXPECT_EQ(told(), "");
}

TEST_P(Payments, judge_a_refused_notification_again_when_it_comes_again) {
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

TEST_P(Payments, are_not_moved_by_a_refund_notification_or_an_unpaid_state) {
    ASSERT_TRUE(pay().has_value());
    EXPECT_EQ(notify(wechat_, wechat_.notification(last_trade())).status, 204);
    EXPECT_EQ(verdict(), "no_effect");
    ASSERT_TRUE(wechat_.pay(last_trade()));
    const auto refund = wechat_.refund_notification(wechat_.trade(last_trade()));
    EXPECT_EQ(notify(wechat_, refund).status, 204);
    EXPECT_EQ(verdict(), "not_a_payment");
    EXPECT_EQ(states(), "pending");
}

TEST_P(Payments, ask_for_a_repeat_when_a_notification_cannot_be_stored) {
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

TEST_P(Payments, are_paid_by_a_notification_that_overtakes_the_answer_of_create) {
    fail_all(wechat_, Fault::no_answer);
    ASSERT_TRUE(pay().has_error());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    EXPECT_EQ(notify(wechat_, wechat_.notification(last_trade())).status, 204);
    EXPECT_EQ(states(), "paid");
}

// ---- late and duplicate ----

TEST_P(Payments, give_money_back_that_comes_after_closed_was_answered) {
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

TEST_P(Payments, keep_late_money_of_a_reference_that_was_not_given_up) {
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

TEST_P(Payments, give_a_second_payment_back) {
    ASSERT_TRUE(pay("wechat_pay").has_value());
    const std::string first = last_trade();
    ASSERT_TRUE(pay("alipay").has_value());
    const std::string second = last_trade();
    ASSERT_TRUE(alipay_.pay(second));
    wechat_.pay_in_spite(first);
    EXPECT_EQ(notify(alipay_, alipay_.notification(second)).status, 204);
    EXPECT_EQ(notify(wechat_, wechat_.notification(first)).status, 204);
    EXPECT_EQ(states(), "paid+late+duplicate+refund_due paid");
    EXPECT_EQ(told(), "payment.succeeded payment.refund_due");
    EXPECT_EQ(verdict(), "duplicate");
}

TEST_P(Payments, answer_once_when_both_providers_tell_of_success_at_the_same_moment) {
    ASSERT_TRUE(pay("wechat_pay").has_value());
    const std::string first = last_trade();
    ASSERT_TRUE(pay("alipay").has_value());
    const std::string second = last_trade();
    ASSERT_TRUE(alipay_.pay(second));
    wechat_.pay_in_spite(first);
    const std::vector<std::string> bodies{
        wechat_.notification(first), alipay_.notification(second)};
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

TEST_P(Payments, record_money_that_came_and_went_without_us_and_flag_it) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    wechat_.orders.at(last_trade()).state = ProviderTrade::State::refunded;
    work_after(seconds{5});
    EXPECT_EQ(states(), "paid+suspect");
    EXPECT_EQ(told(), "payment.succeeded");
}

// ---- active queries ----

TEST_P(Payments, are_found_by_an_active_query_when_no_notification_comes) {
    ASSERT_TRUE(pay().has_value());
    ASSERT_TRUE(wechat_.pay(last_trade()));
    work_after(seconds{4});
    EXPECT_EQ(states(), "pending");
    work_after(seconds{1});
    EXPECT_EQ(states(), "paid");
    EXPECT_EQ(told(), "payment.succeeded");
    EXPECT_EQ(integer("SELECT count(*) FROM payments WHERE next_query_at IS NULL"), 1);
}

TEST_P(Payments, are_asked_about_on_schedule_over_restarts_and_then_no_more) {
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

TEST_P(Payments, notice_money_an_hour_or_a_day_after_the_close) {
    ASSERT_TRUE(pay().has_value());
    give_up();
    work();
    work_after(hours{1});
    wechat_.pay_in_spite(last_trade());
    work_after(hours{23});
    EXPECT_EQ(states(), "paid+late+refund_due");
    EXPECT_EQ(told(), "payment.closed payment.refund_due");
}

TEST_P(Payments, are_not_forgotten_when_a_worker_dies_in_the_middle) {
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

TEST_P(Payments, are_asked_about_at_a_bounded_rate) {
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

TEST_P(Payments, of_a_provider_that_was_switched_off_are_kept) {
    ASSERT_TRUE(pay("alipay").has_value());
    service_.emplace(database(), clock_, random_, outbox_, std::vector<PaymentProvider*>{&wechat_});
    EXPECT_NO_THROW(test::run(service_->step(PaymentId{1})));
    EXPECT_EQ(states(), "pending");
}

// ---- views ----

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
