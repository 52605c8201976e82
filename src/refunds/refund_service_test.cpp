#include "refunds/refund_service.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "payments/errors.hpp"
#include "refunds/errors.hpp"
#include "support/refund_world.hpp"

namespace doorbuster::refunds {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Refunds : public test::RefundWorld {
protected:
    void TearDown() override {
        if (!IsSkipped()) expect_clean();
    }
};
DOORBUSTER_ON_BOTH_ENGINES(Refunds);

TEST_P(Refunds, give_money_back_in_full) {
    const PaymentId payment = paid();
    const RefundId id = refund(payment, 1000)->id;
    EXPECT_EQ(state(id), "requested");
    EXPECT_EQ(holds("refunds_payable"), -1000);
    work();
    EXPECT_EQ(state(id), "succeeded");
    EXPECT_EQ(wechat_.refunded(last_trade()), Money::fen(1000));
    EXPECT_EQ(integer("SELECT refunded FROM payments"), 1000);
    EXPECT_EQ(told(), "refund.requested refund.succeeded");
    EXPECT_EQ(holds("clearing"), 0);
    EXPECT_EQ(holds("refunds"), 1000);
    EXPECT_EQ(holds("refunds_payable"), 0);
}

TEST_P(Refunds, give_back_in_parts_up_to_what_was_paid) {
    const PaymentId payment = paid();
    ASSERT_TRUE(refund(payment, 400).has_value());
    ASSERT_TRUE(refund(payment, 500).has_value());
    EXPECT_TRUE(refund(payment, 101).error().is(kRefundTooMuch));
    ASSERT_TRUE(refund(payment, 100).has_value());
    EXPECT_TRUE(refund(payment, 1).error().is(kRefundTooMuch));
    work();
    EXPECT_EQ(states(), "succeeded succeeded succeeded");
    EXPECT_EQ(wechat_.refunded(last_trade()), Money::fen(1000));
    EXPECT_EQ(wechat_.refunds.size(), 3u);
}

TEST_P(Refunds, are_refused_where_nothing_was_paid) {
    EXPECT_TRUE(refund(PaymentId{99}, 1).error().is(payments::kPaymentNotFound));
    begin(wechat_);
    EXPECT_TRUE(refund(last_payment(), 1).error().is(kNotRefundable));
}

TEST_P(Refunds, are_stored_with_their_number_before_the_provider_hears_of_them) {
    paid();
    refund(last_payment(), 300).value();
    std::string number;
    std::string found;
    wechat_.fault = [&](std::string_view call) {
        if (call == "refund") {
            number = text("SELECT out_refund_no FROM refunds");
            found = text("SELECT state FROM refunds");
        }
        return Fault::none;
    };
    work();
    EXPECT_EQ(found, "processing");
    EXPECT_TRUE(wechat_.refunds.contains(number));
    EXPECT_EQ(number, last_trade() + "R1");
}

TEST_P(Refunds, asked_for_twice_with_one_key_are_one) {
    const PaymentId payment = paid();
    const RefundId first = refund(payment, 300, "cancel")->id;
    EXPECT_EQ(refund(payment, 300, "cancel")->id, first);
    EXPECT_TRUE(refund(payment, 301, "cancel").error().is(kIdempotencyMismatch));
    EXPECT_NE(refund(payment, 300, "other")->id, first);
    work();
    EXPECT_EQ(wechat_.refunded(last_trade()), Money::fen(600));
}

TEST_P(Refunds, asked_for_at_the_same_moment_never_exceed_the_payment) {
    const PaymentId payment = paid();
    std::atomic<int> granted = 0;
    std::vector<std::thread> staff;
    for (int i = 0; i < 8; ++i) {
        staff.emplace_back([&] { granted += refund(payment, 300).has_value() ? 1 : 0; });
    }
    for (auto& one : staff) one.join();
    EXPECT_EQ(granted, 3);
    work();
    EXPECT_EQ(wechat_.refunded(last_trade()), Money::fen(900));
}

TEST_P(Refunds, of_unknown_outcome_are_asked_for_again_under_the_same_number) {
    const PaymentId payment = paid();
    const RefundId id = refund(payment, 300)->id;
    fail_all(wechat_, Fault::no_answer);  // it took effect, and nobody told us
    work();
    EXPECT_EQ(state(id), "processing");
    heal(wechat_);
    work_after(seconds{10});
    EXPECT_EQ(state(id), "succeeded");
    EXPECT_EQ(wechat_.refunds.size(), 1u);
    EXPECT_EQ(wechat_.refunded(last_trade()), Money::fen(300));
}

TEST_P(Refunds, that_never_arrived_are_sent_again) {
    const PaymentId payment = paid();
    const RefundId id = refund(payment, 300)->id;
    fail_all(wechat_, Fault::lost);
    work();
    work_after(seconds{10});
    work_after(minutes{1});
    EXPECT_EQ(state(id), "processing");
    EXPECT_TRUE(wechat_.refunds.empty());
    heal(wechat_);
    work_after(minutes{5});
    EXPECT_EQ(state(id), "succeeded");
}

TEST_P(Refunds, survive_a_crash_before_and_after_the_call) {
    for (const Fault crash : {Fault::crash, Fault::crash_late}) {
        const PaymentId payment = paid(wechat_, std::to_string(6000 + static_cast<int>(crash)));
        const std::string trade = last_trade();
        const RefundId id = refund(payment, 300)->id;
        wechat_.fault = [crash](std::string_view call) {
            return call == "refund" ? crash : Fault::none;
        };
        EXPECT_THROW(work(), test::FakeProvider::Crash);
        heal(wechat_);
        restart();
        EXPECT_EQ(state(id), "processing");
        work_after(minutes{3});
        EXPECT_EQ(state(id), "succeeded");
        EXPECT_EQ(wechat_.refunded(trade), Money::fen(300));
    }
    EXPECT_EQ(wechat_.refunds.size(), 2u);
}

TEST_P(Refunds, under_way_at_the_provider_are_asked_about_and_not_sent_again) {
    const PaymentId payment = paid();
    wechat_.refunds_begin_as = Sent::processing;
    const RefundId id = refund(payment, 300)->id;
    work();
    work_after(seconds{10});
    work_after(minutes{1});
    EXPECT_EQ(state(id), "processing");
    EXPECT_EQ(wechat_.calls["refund"], 1);
    EXPECT_EQ(wechat_.calls["query_refund"], 2);
    wechat_.refunds.begin()->second.state = Sent::succeeded;
    work_after(minutes{5});
    EXPECT_EQ(state(id), "succeeded");
    work_after(hours{48});
    EXPECT_EQ(wechat_.calls["query_refund"], 3) << "nothing is left to ask";
}

TEST_P(Refunds, that_the_provider_closed_free_their_amount) {
    const PaymentId payment = paid();
    wechat_.refunds_begin_as = Sent::failed;
    const RefundId id = refund(payment, 1000)->id;
    work();
    EXPECT_EQ(state(id), "failed");
    EXPECT_EQ(told(), "refund.requested refund.failed");
    EXPECT_EQ(holds("refunds"), 0);
    EXPECT_EQ(holds("clearing"), 1000);
    wechat_.refunds_begin_as = Sent::succeeded;
    ASSERT_TRUE(refund(payment, 1000).has_value());
    work();
    EXPECT_EQ(states(), "failed succeeded");
}

TEST_P(Refunds, refused_for_good_are_given_up_when_the_provider_confirms_it) {
    const PaymentId payment = paid();
    const RefundId id = refund(payment, 300)->id;
    wechat_.fault = [](std::string_view call) {
        return call == "refund" ? Fault::refused : Fault::none;
    };
    work();
    EXPECT_EQ(state(id), "processing") << "the word of a refusal is not enough";
    work_after(seconds{10});
    EXPECT_EQ(state(id), "processing") << "it may still show";
    work_after(minutes{1});
    EXPECT_EQ(state(id), "failed");
    EXPECT_EQ(get(id).failure, "USER_ACCOUNT_ABNORMAL");
    EXPECT_EQ(wechat_.calls["refund"], 1);
}

TEST_P(Refunds, refused_and_done_all_the_same_are_believed_to_be_done) {
    const PaymentId payment = paid();
    const RefundId id = refund(payment, 300)->id;
    wechat_.fault = [](std::string_view call) {
        return call == "refund" ? Fault::refused : Fault::none;
    };
    work();
    const std::string number = get(id).out_refund_no;
    wechat_.refund_by_hand(last_trade(), number, Money::fen(300));
    work_after(seconds{10});
    EXPECT_EQ(state(id), "succeeded");
}

TEST_P(Refunds, that_the_bank_sent_back_wait_for_a_person_and_may_still_succeed) {
    const PaymentId payment = paid();
    wechat_.refunds_begin_as = Sent::abnormal;
    const RefundId id = refund(payment, 300)->id;
    work();
    EXPECT_EQ(state(id), "abnormal");
    EXPECT_TRUE(needs_person(get(id)));
    EXPECT_EQ(told(), "refund.requested refund.stuck");
    EXPECT_TRUE(refund(payment, 701).error().is(kRefundTooMuch)) << "its amount is still set apart";
    wechat_.refunds.begin()->second.state = Sent::succeeded;
    work_after(hours{24});
    EXPECT_EQ(state(id), "succeeded");
    EXPECT_FALSE(needs_person(get(id)));
}

TEST_P(Refunds, that_succeed_after_they_failed_are_booked_again) {
    const PaymentId payment = paid();
    wechat_.refunds_begin_as = Sent::failed;
    const RefundId id = refund(payment, 300)->id;
    work();
    ASSERT_EQ(state(id), "failed");
    wechat_.refunds.begin()->second.state = Sent::succeeded;
    notify(wechat_, wechat_.notification_of_refund(get(id).out_refund_no));
    work();
    EXPECT_EQ(state(id), "succeeded");
    EXPECT_EQ(holds("clearing"), 700);
    EXPECT_EQ(holds("refunds"), 300);
}

TEST_P(Refunds, that_succeed_when_their_amount_is_taken_wait_for_it) {
    const PaymentId payment = paid();
    wechat_.refunds_begin_as = Sent::failed;
    const RefundId first = refund(payment, 1000)->id;
    work();
    wechat_.refunds_begin_as = Sent::processing;
    const RefundId second = refund(payment, 1000)->id;
    work();
    wechat_.refunds.at(get(first).out_refund_no).state = Sent::succeeded;
    notify(wechat_, wechat_.notification_of_refund(get(first).out_refund_no));
    work();
    EXPECT_EQ(states(), "failed processing");
    wechat_.refunds.at(get(second).out_refund_no).state = Sent::failed;
    work_after(minutes{2});
    notify(wechat_, wechat_.notification_of_refund(get(first).out_refund_no));
    work();
    EXPECT_EQ(states(), "succeeded failed");
}

TEST_P(Refunds, of_one_payment_keep_the_distance_that_the_provider_asks_for) {
    const PaymentId payment = paid();
    wechat_.distance = minutes{1};
    refund(payment, 300).value();
    refund(payment, 200).value();
    // Which of the two goes first is open: they are taken at once.
    const char* const done = "SELECT COUNT(*) FROM refunds WHERE state = 'succeeded'";
    const char* const waiting = "SELECT COUNT(*) FROM refunds WHERE state = 'requested'";
    work();
    EXPECT_EQ(integer(done), 1);
    EXPECT_EQ(integer(waiting), 1);
    work_after(seconds{59});
    EXPECT_EQ(integer(done), 1);
    work_after(seconds{1});
    EXPECT_EQ(integer(done), 2);
}

TEST_P(Refunds, of_one_payment_are_no_more_than_the_provider_takes) {
    const PaymentId payment = paid();
    wechat_.most_refunds = 2;
    refund(payment, 1).value();
    refund(payment, 1).value();
    EXPECT_TRUE(refund(payment, 1).error().is(kTooManyRefunds));
}

TEST_P(Refunds, of_another_amount_than_was_asked_for_change_nothing) {
    const PaymentId payment = paid();
    wechat_.refunds_begin_as = Sent::processing;
    const RefundId id = refund(payment, 300)->id;
    work();
    wechat_.refunds.begin()->second.asked.amount = Money::fen(299);
    wechat_.refunds.begin()->second.state = Sent::succeeded;
    work_after(seconds{10});
    EXPECT_EQ(state(id), "processing");
    EXPECT_EQ(get(id).failure, "mismatch: amount");
    EXPECT_EQ(integer("SELECT refunded FROM payments"), 0);
}

TEST_P(Refunds, are_hurried_by_a_notification_and_decided_by_a_query) {
    const PaymentId payment = paid();
    wechat_.refunds_begin_as = Sent::processing;
    const RefundId id = refund(payment, 300)->id;
    work();
    const std::string number = get(id).out_refund_no;
    wechat_.refunds.at(number).state = Sent::succeeded;
    EXPECT_EQ(notify(wechat_, wechat_.notification_of_refund(number)).status, 204);
    EXPECT_EQ(state(id), "processing") << "a notification of a refund proves nothing by itself";
    work();
    EXPECT_EQ(state(id), "succeeded");
}

TEST_P(Refunds, that_take_a_day_are_told_once) {
    const PaymentId payment = paid();
    fail_all(wechat_, Fault::lost);
    const RefundId id = refund(payment, 300)->id;
    for (int hour = 0; hour < 26; ++hour) work_after(hours{1});
    EXPECT_TRUE(get(id).stuck);
    EXPECT_TRUE(needs_person(get(id)));
    EXPECT_EQ(told(), "refund.requested refund.stuck");
    heal(wechat_);
    work_after(hours{1});
    EXPECT_EQ(state(id), "succeeded") << "nothing is given up";
}

TEST_P(Refunds, of_a_provider_that_was_switched_off_are_kept) {
    const PaymentId payment = paid();
    const RefundId id = refund(payment, 300)->id;
    RefundService other{database(), clock_, outbox_, {&alipay_}};
    test::run(other.step(id));
    EXPECT_EQ(state(id), "requested");
    work_after(hours{1});
    EXPECT_EQ(state(id), "succeeded");
}

}  // namespace
}  // namespace doorbuster::refunds
