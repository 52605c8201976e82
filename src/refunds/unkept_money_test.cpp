#include <gtest/gtest.h>

#include "refunds/errors.hpp"
#include "support/refund_world.hpp"

// Money that is not ours: late, double, and refunds that others made.
namespace doorbuster::refunds {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class UnkeptMoney : public test::RefundWorld {
protected:
    void TearDown() override {
        if (!IsSkipped()) expect_clean();
    }
    bool keep(PaymentId payment) {
        return write([&](sql::Transaction& tx) {
            return payments_->keep_late(tx, payment.to_string(), [] { return true; });
        });
    }
    void decline(PaymentId payment) {
        write([&](sql::Transaction& tx) { refunds_->decline_late(tx, payment.to_string()); });
    }
};
DOORBUSTER_ON_BOTH_ENGINES(UnkeptMoney);

TEST_P(UnkeptMoney, that_came_late_is_offered_and_can_be_kept) {
    const PaymentId payment = paid_late();
    EXPECT_EQ(holds("refunds_payable"), -1000);
    work_after(minutes{9});
    EXPECT_EQ(states(), "") << "it is offered for ten minutes";
    EXPECT_TRUE(keep(payment));
    EXPECT_TRUE(keep(payment)) << "asking twice is harmless";
    work_after(hours{1});
    EXPECT_EQ(states(), "");
    EXPECT_EQ(holds("sales"), -1000);
    EXPECT_EQ(holds("refunds_payable"), 0);
    EXPECT_EQ(integer("SELECT refund_due FROM payments"), 0);
}

TEST_P(UnkeptMoney, that_came_late_is_not_kept_when_its_caller_cannot_deliver) {
    const PaymentId payment = paid_late();
    int asked = 0;
    const auto cannot = [&] {
        ++asked;
        return false;
    };
    EXPECT_FALSE(write([&](sql::Transaction& tx) {
        return payments_->keep_late(tx, payment.to_string(), cannot);
    }));
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(holds("refunds_payable"), -1000);
    decline(payment);
    EXPECT_FALSE(write([&](sql::Transaction& tx) {
        return payments_->keep_late(tx, payment.to_string(), cannot);
    }));
    EXPECT_EQ(asked, 1) << "what goes back is not offered";
}

TEST_P(UnkeptMoney, that_nobody_wants_goes_back_by_itself) {
    const PaymentId payment = paid_late();
    work_after(minutes{10});
    EXPECT_EQ(states(), "succeeded");
    EXPECT_EQ(text("SELECT origin FROM refunds"), "late");
    EXPECT_EQ(text("SELECT out_refund_no FROM refunds"), last_trade() + "A");
    EXPECT_FALSE(keep(payment));
    EXPECT_EQ(holds("clearing"), 0);
    EXPECT_EQ(holds("refunds_payable"), 0);
    EXPECT_EQ(holds("sales"), 0);
}

TEST_P(UnkeptMoney, that_is_declined_goes_back_at_once_and_once) {
    const PaymentId payment = paid_late();
    decline(payment);
    decline(payment);
    EXPECT_FALSE(keep(payment));
    work();
    work_after(minutes{20});
    EXPECT_EQ(states(), "succeeded");
    EXPECT_EQ(wechat_.refunded(last_trade()), Money::fen(1000));
}

TEST_P(UnkeptMoney, of_another_system_can_be_neither_kept_nor_declined) {
    const PaymentId payment = paid_late();
    execute("UPDATE payments SET app = 'other'");
    EXPECT_FALSE(keep(payment));
    decline(payment);
    EXPECT_EQ(states(), "");
    EXPECT_FALSE(write([&](sql::Transaction& tx) {
        return payments_->keep_late(tx, "nonsense", [] { return true; });
    }));
}

TEST_P(UnkeptMoney, that_was_paid_twice_goes_back_without_being_asked_for) {
    const std::string first = begin(wechat_);
    const std::string second = begin(alipay_);
    wechat_.pay_in_spite(first);
    alipay_.pay(second);
    notify(wechat_, wechat_.notification(first));
    notify(alipay_, alipay_.notification(second));
    EXPECT_FALSE(keep(last_payment()));
    work();
    EXPECT_EQ(states(), "succeeded");
    EXPECT_EQ(text("SELECT origin FROM refunds"), "duplicate");
    EXPECT_EQ(alipay_.refunded(second), Money::fen(1000));
    EXPECT_EQ(wechat_.refunded(first), Money{});
    EXPECT_EQ(holds("sales"), -1000);
}

TEST_P(UnkeptMoney, goes_back_once_with_two_workers_and_a_crash) {
    paid_late();
    clock_.advance(minutes{10});
    RefundService twin{database(), clock_, outbox_, {&wechat_, &alipay_}};
    wechat_.fault = [](std::string_view call) {
        return call == "refund" ? Fault::crash_late : Fault::none;
    };
    EXPECT_THROW(work(), test::FakeProvider::Crash);
    heal(wechat_);
    test::run(twin.give_back_due(10));
    restart();
    work_after(minutes{3});
    EXPECT_EQ(states(), "succeeded");
    EXPECT_EQ(wechat_.refunds.size(), 1u);
}

TEST_P(UnkeptMoney, whose_refund_failed_is_given_back_by_a_person) {
    paid_late();
    wechat_.refunds_begin_as = Sent::failed;
    work_after(minutes{10});
    ASSERT_EQ(states(), "failed");
    work_after(hours{2});
    EXPECT_EQ(states(), "failed") << "a new number is a person's decision";
    EXPECT_EQ(holds("refunds_payable"), -1000) << "it is still owed";
    wechat_.refunds_begin_as = Sent::succeeded;
    const RefundId failed{integer("SELECT id FROM refunds")};
    const auto again =
        write([&](sql::Transaction& tx) { return refunds_->retry(tx, failed, UserId{7}); });
    ASSERT_TRUE(again.has_value());
    EXPECT_FALSE(needs_person(get(failed)));
    work();
    EXPECT_EQ(states(), "failed succeeded");
    EXPECT_EQ(holds("refunds_payable"), 0);
}

// ---- made at the provider ----

TEST_P(UnkeptMoney, that_somebody_refunded_at_the_provider_is_found) {
    const PaymentId payment = paid();
    wechat_.refund_by_hand(last_trade(), "BY-HAND-1", Money::fen(250));
    EXPECT_EQ(notify(wechat_, wechat_.notification_of_refund("BY-HAND-1")).status, 204);
    work();
    EXPECT_EQ(states(), "succeeded");
    EXPECT_EQ(text("SELECT origin FROM refunds"), "external");
    EXPECT_EQ(holds("clearing"), 750);
    EXPECT_TRUE(refund(payment, 751).error().is(kRefundTooMuch));
    EXPECT_EQ(notify(wechat_, wechat_.notification_of_refund("BY-HAND-1")).status, 204);
    work();
    EXPECT_EQ(states(), "succeeded") << "found once";
}

TEST_P(UnkeptMoney, found_by_a_bill_is_taken_in_once) {
    const PaymentId payment = paid();
    wechat_.refund_by_hand(last_trade(), "BY-HAND-1", Money::fen(250));
    const auto found = test::run(refunds_->find_at_provider(payment, "BY-HAND-1"));
    ASSERT_TRUE(found.has_value());
    ASSERT_TRUE(found->has_value());
    EXPECT_EQ((*found)->amount, Money::fen(250));
    const auto again = test::run(refunds_->find_at_provider(payment, "BY-HAND-1"));
    ASSERT_TRUE(again.has_value());
    EXPECT_FALSE(again->has_value());
    const auto none = test::run(refunds_->find_at_provider(payment, "NO-SUCH"));
    ASSERT_TRUE(none.has_value());
    EXPECT_FALSE(none->has_value());
    EXPECT_EQ(states(), "succeeded");
}

TEST_P(UnkeptMoney, still_running_at_the_provider_is_followed_and_never_sent_by_us) {
    const PaymentId payment = paid();
    wechat_.refund_by_hand(last_trade(), "BY-HAND-1", Money::fen(250));
    wechat_.refunds.at("BY-HAND-1").state = Sent::processing;
    ASSERT_TRUE(test::run(refunds_->find_at_provider(payment, "BY-HAND-1")).has_value());
    EXPECT_EQ(states(), "processing");
    work_after(minutes{1});
    wechat_.refunds.at("BY-HAND-1").state = Sent::succeeded;
    work_after(minutes{5});
    EXPECT_EQ(states(), "succeeded");
    EXPECT_EQ(wechat_.calls["refund"], 0);
}

TEST_P(UnkeptMoney, refunded_there_while_ours_is_under_way_waits_until_that_is_known) {
    const PaymentId payment = paid();
    fail_all(wechat_, Fault::lost);
    refund(payment, 1000).value();
    heal(wechat_);
    wechat_.refund_by_hand(last_trade(), "BY-HAND-1", Money::fen(1000));
    const auto early = test::run(refunds_->find_at_provider(payment, "BY-HAND-1"));
    ASSERT_TRUE(early.has_error());
    EXPECT_TRUE(early.error().is(kRefundTooMuch));
    work();  // refused: nothing is left there
    work_after(seconds{10});
    work_after(minutes{1});
    ASSERT_EQ(states(), "failed");
    ASSERT_TRUE(test::run(refunds_->find_at_provider(payment, "BY-HAND-1")).has_value());
    EXPECT_EQ(states(), "failed succeeded");
    EXPECT_EQ(holds("clearing"), 0);
}

// ---- what an order system asks ----

TEST_P(UnkeptMoney, an_order_system_asks_by_reference_and_learns_how_things_stand) {
    paid(wechat_, "5001");
    const RefundDesk::Wish wish{"5001", Money::fen(400), "returned", "u7", "return 1"};
    const auto ask = [&](sql::Transaction& tx) { return refunds_->ask(tx, wish); };
    const auto first = write(ask);
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(*write(ask), *first);
    const auto stands = [&] {
        return database().read_blocking([&](sql::Reader& reader) {
            return refunds_->standing(reader, "5001");
        });
    };
    EXPECT_EQ(stands().paid, Money::fen(1000));
    EXPECT_EQ(stands().pending, Money::fen(400));
    EXPECT_EQ(stands().refunded, Money{});
    work();
    EXPECT_EQ(stands().pending, Money{});
    EXPECT_EQ(stands().refunded, Money::fen(400));
    EXPECT_FALSE(stands().needs_person);
    const RefundDesk::Wish nobody{"777", Money::fen(1), "r", "u7", "k"};
    EXPECT_TRUE(write([&](sql::Transaction& tx) { return refunds_->ask(tx, nobody); })
                    .error()
                    .is(kNotRefundable));
}

}  // namespace
}  // namespace doorbuster::refunds
