#include "reconciliation/reconciler.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <thread>
#include <utility>

#include "reconciliation/errors.hpp"
#include "reconciliation/run_store.hpp"
#include "support/fake_bills.hpp"
#include "support/refund_world.hpp"

namespace doorbuster::reconciliation {
namespace {

using test::FakeBills;
using test::run;

class Reconciling : public test::RefundWorld {
protected:
    void SetUp() override {
        RefundWorld::SetUp();
        if (IsSkipped()) return;
        reconciler_.emplace(Reconciler::Parts{
            database(), clock_, *payments_, *refunds_, {&bills_, &alipay_bills_}, folder_});
    }
    void TearDown() override {
        if (!IsSkipped()) expect_clean();
        reconciler_.reset();
        std::filesystem::remove_all(folder_);
    }

    // The day on which everything is paid, told after it is over.
    Report reconcile() {
        const auto wanted = day_;
        if (clock_.now() < ready_at(day_)) clock_.advance(ready_at(day_) - clock_.now());
        return run(reconciler_->reconcile("wechat_pay", wanted)).value();
    }
    BillRow row_of(const std::string& trade, std::int64_t fee = 0) const {
        const auto told = wechat_.trade(trade);
        BillRow row = FakeBills::payment(
            trade, told.transaction_id, told.amount, told.paid_at.value_or(Time{})
        );
        row.fee = Money::fen(fee);
        return row;
    }
    std::string paid_trade(const std::string& reference) {
        paid(wechat_, reference);
        return last_trade();
    }
    // "payment missing_here open, …"
    static std::string told(const Report& report) {
        std::string all;
        for (const Difference& difference : report.differences) {
            all += (all.empty() ? "" : ", ") + std::string{to_string(difference.subject)} + " " +
                   std::string{to_string(difference.kind)} + " " +
                   std::string{to_string(difference.state)};
        }
        return all;
    }

    const BillDay day_ = day_of(clock_.now());
    FakeBills bills_{"wechat_pay"};
    FakeBills alipay_bills_{"alipay"};
    const std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("doorbuster-bills-" + std::to_string(getpid()));
    std::optional<Reconciler> reconciler_;
};
DOORBUSTER_ON_BOTH_ENGINES(Reconciling);

TEST_P(Reconciling, finds_nothing_where_both_agree) {
    const std::string first = paid_trade("1");
    const std::string second = paid_trade("2");
    refund(last_payment(), 300).value();
    work();
    bills_.trade = {
        row_of(first, 6),
        row_of(second, 6),
        FakeBills::refund(second, second + "R1", Money::fen(300), clock_.now())};
    bills_.trade.back().fee = Money::fen(2);
    bills_.fund = {
        FakeBills::payment("", "", Money::fen(2000), clock_.now()),
        FakeBills::refund("", "", Money::fen(300), clock_.now()),
        FakeBills::fee(Money::fen(10))};
    const Report report = reconcile();
    EXPECT_EQ(report.run.state, State::clean);
    EXPECT_EQ(told(report), "");
    EXPECT_EQ(report.run.matched.payments, 2);
    EXPECT_EQ(report.run.matched.paid, Money::fen(2000));
    EXPECT_EQ(report.run.matched.refunded, Money::fen(300));
    EXPECT_EQ(report.run.trade_hash, "hash of wechat_pay");
    EXPECT_FALSE(report.run.next_run_at);
    // What the provider owes is what was paid, less refunds, less fees.
    EXPECT_EQ(holds("fees"), 10);
    EXPECT_EQ(holds("clearing"), 2000 - 300 - 10);
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_P(Reconciling, gives_the_same_result_every_time) {
    bills_.trade = {row_of(paid_trade("1"), 6)};
    bills_.fund = {
        FakeBills::payment("", "", Money::fen(1000), clock_.now()), FakeBills::fee(Money::fen(6))};
    reconcile();
    const Report again = reconcile();
    EXPECT_EQ(again.run.state, State::clean);
    EXPECT_EQ(again.run.runs, 2);
    EXPECT_EQ(again.run.matched.payments, 1);
    EXPECT_EQ(holds("fees"), 6);
}

TEST_P(Reconciling, learns_of_a_payment_whose_notification_never_came) {
    const std::string trade = begin(wechat_, "1");
    wechat_.pay(trade);
    bills_.trade = {row_of(trade, 6)};
    bills_.fund = {
        FakeBills::payment("", "", Money::fen(1000), clock_.now()), FakeBills::fee(Money::fen(6))};
    const Report report = reconcile();
    EXPECT_EQ(told(report), "payment missing_here repaired");
    EXPECT_EQ(report.run.state, State::clean);
    EXPECT_EQ(text("SELECT state FROM payments"), "paid");
    EXPECT_EQ(text("SELECT topic FROM outbox WHERE topic LIKE 'payment.%'"), "payment.succeeded");
    EXPECT_EQ(holds("fees"), 6);
    EXPECT_EQ(reconcile().run.matched.payments, 1);
}

TEST_P(Reconciling, believes_the_provider_and_not_the_bill) {
    const std::string trade = begin(wechat_, "1");  // nobody paid
    bills_.trade = {FakeBills::payment(trade, "forged", Money::fen(1000), clock_.now())};
    const Report report = reconcile();
    EXPECT_EQ(report.run.state, State::differences);
    ASSERT_EQ(report.differences.size(), 2u);
    EXPECT_EQ(report.differences[0].kind, Kind::missing_here);
    EXPECT_EQ(report.differences[0].note, "asked, it says: not paid");
    EXPECT_NE(text("SELECT state FROM payments"), "paid");
    EXPECT_EQ(report.differences[1].subject, Subject::fund);
    EXPECT_TRUE(report.run.next_run_at);
}

TEST_P(Reconciling, keeps_a_payment_that_nobody_here_knows_for_a_person) {
    bills_.trade =
        bills_.fund = {FakeBills::payment("stranger", "X9", Money::fen(500), clock_.now())};
    const Report report = reconcile();
    EXPECT_EQ(told(report), "payment missing_here open");
    EXPECT_FALSE(report.differences[0].payment);
    EXPECT_EQ(report.differences[0].theirs, Money::fen(500));
}

TEST_P(Reconciling, never_unpays_what_the_bill_has_not) {
    paid_trade("1");
    const Report report = reconcile();
    EXPECT_EQ(told(report), "payment missing_there open");
    EXPECT_EQ(report.differences[0].note, "asked, it says: paid; another bill should have it");
    EXPECT_EQ(text("SELECT state FROM payments"), "paid");
}

TEST_P(Reconciling, finds_in_the_next_bill_what_one_lacks) {
    const std::string trade = paid_trade("1");
    EXPECT_EQ(reconcile().run.open, 1);
    bills_.trade = bills_.fund = {row_of(trade)};
    clock_.advance(std::chrono::hours{24});
    const Report tomorrow = run(reconciler_->reconcile("wechat_pay", next(day_))).value();
    EXPECT_EQ(told(tomorrow), "payment other_day repaired");
    EXPECT_EQ(tomorrow.run.state, State::clean);
    const Report today = run(reconciler_->report("wechat_pay", day_)).value();
    EXPECT_EQ(told(today), "payment missing_there repaired");
    // And from the other side: a neighbour's bill that was read first.
    bills_.trade.clear();
    bills_.fund.clear();
    EXPECT_EQ(told(reconcile()), "payment missing_there repaired");
    EXPECT_EQ(reconcile().run.state, State::clean);
}

TEST_P(Reconciling, of_another_amount_moves_nothing_and_calls_a_person) {
    const std::string trade = paid_trade("1");
    bills_.trade = bills_.fund = {row_of(trade)};
    bills_.trade[0].amount = bills_.fund[0].amount = Money::fen(999);
    const Report report = reconcile();
    EXPECT_EQ(told(report), "payment amount open");
    EXPECT_EQ(report.differences[0].ours, Money::fen(1000));
    EXPECT_EQ(report.differences[0].theirs, Money::fen(999));
    EXPECT_EQ(integer("SELECT suspect FROM payments"), 1);
    EXPECT_EQ(integer("SELECT amount FROM payments"), 1000);
}

TEST_P(Reconciling, tells_what_a_bill_has_twice) {
    const BillRow row = row_of(paid_trade("1"));
    bills_.trade = bills_.fund = {row, row};
    EXPECT_EQ(told(reconcile()), "payment twice open");
}

TEST_P(Reconciling, takes_in_a_refund_that_was_made_at_the_provider) {
    const std::string trade = paid_trade("1");
    wechat_.refund_by_hand(trade, "console-1", Money::fen(400));
    bills_.trade = bills_.fund = {
        row_of(trade), FakeBills::refund(trade, "console-1", Money::fen(400), clock_.now())};
    bills_.trade[1].fee = Money::fen(2);
    bills_.fund.push_back(FakeBills::fee(Money::fen(-2)));
    const Report report = reconcile();
    EXPECT_EQ(told(report), "refund missing_here repaired");
    EXPECT_EQ(text("SELECT origin FROM refunds"), "external");
    EXPECT_EQ(integer("SELECT refunded FROM payments"), 400);
    EXPECT_EQ(holds("fees"), -2);
    // It is of the day on which we heard of it, since the provider does not say when it was made.
    EXPECT_EQ(told(reconcile()), "refund missing_here repaired, refund other_day repaired");
}

TEST_P(Reconciling, learns_that_a_refund_is_done) {
    const std::string trade = paid_trade("1");
    wechat_.refunds_begin_as = ProviderRefund::State::processing;
    bills_.day = BillProvider::RefundDay::accepted;
    refund(last_payment(), 400).value();
    work();
    ASSERT_EQ(states(), "processing");
    wechat_.refunds.begin()->second.state = ProviderRefund::State::succeeded;
    bills_.trade = bills_.fund = {
        row_of(trade), FakeBills::refund(trade, trade + "R1", Money::fen(400), clock_.now())};
    EXPECT_EQ(told(reconcile()), "refund status repaired");
    EXPECT_EQ(states(), "succeeded");
}

TEST_P(Reconciling, agrees_with_a_refund_that_is_under_way_on_both_sides) {
    const std::string trade = paid_trade("1");
    wechat_.refunds_begin_as = ProviderRefund::State::processing;
    refund(last_payment(), 400).value();
    work();
    bills_.trade = bills_.fund = {
        row_of(trade), FakeBills::refund(trade, trade + "R1", Money::fen(400), clock_.now())};
    bills_.trade[1].outcome = BillRow::Outcome::pending;
    EXPECT_EQ(told(reconcile()), "");
}

TEST_P(Reconciling, misses_a_refund_that_the_bill_has_not) {
    const std::string trade = paid_trade("1");
    refund(last_payment(), 400).value();
    work();
    bills_.trade = bills_.fund = {row_of(trade)};
    const Report report = reconcile();
    EXPECT_EQ(told(report), "refund missing_there open");
    EXPECT_EQ(report.differences[0].ours, Money::fen(400));
    EXPECT_EQ(states(), "succeeded");
}

TEST_P(Reconciling, waits_for_a_bill_that_is_not_ready) {
    paid_trade("1");
    bills_.is_ready = false;
    const Report report = reconcile();
    EXPECT_EQ(report.run.state, State::failed);
    EXPECT_THAT(report.run.failure, testing::HasSubstr("STATEMENT_CREATING"));
    EXPECT_EQ(report.run.next_run_at, clock_.now() + std::chrono::minutes{30});
}

TEST_P(Reconciling, acts_on_no_row_of_a_bill_that_is_not_whole) {
    const std::string trade = begin(wechat_, "1");
    wechat_.pay(trade);
    bills_.trade = {row_of(trade, 6)};
    bills_.is_whole = false;
    EXPECT_EQ(reconcile().run.state, State::failed);
    EXPECT_NE(text("SELECT state FROM payments"), "paid");
    EXPECT_EQ(holds("fees"), 0);
}

TEST_P(Reconciling, is_done_by_one_at_a_time) {
    paid_trade("1");
    const auto again = [&]() -> Task<void> {
        const auto second = co_await reconciler_->reconcile("wechat_pay", day_);
        EXPECT_TRUE(second.has_error() && second.error().is(kReconciliationBusy));
    };
    clock_.advance(ready_at(day_) - clock_.now());
    bool tried = false;
    bills_.on_download = [&] {
        if (std::exchange(tried, true)) return;
        std::thread{[&] { run(again()); }}.join();
    };
    reconcile();
    EXPECT_TRUE(tried);
}

TEST_P(Reconciling, knows_only_days_that_are_over_and_providers_that_it_has) {
    EXPECT_TRUE(run(reconciler_->reconcile("wechat_pay", day_)).error().is(kNoSuchBill));
    EXPECT_TRUE(run(reconciler_->reconcile("cash", previous(day_))).error().is(kNoSuchBill));
    EXPECT_TRUE(run(reconciler_->report("wechat_pay", day_)).error().is(kReconciliationNotFound));
}

TEST_P(Reconciling, is_resolved_by_a_person_with_a_note) {
    bills_.trade =
        bills_.fund = {FakeBills::payment("stranger", "X9", Money::fen(500), clock_.now())};
    const DifferenceId id = reconcile().differences.at(0).id;
    const auto resolve = [&](DifferenceId which) {
        return write([&](sql::Transaction& tx) {
            return reconciler_->resolve(tx, which, "a test of the cashier", UserId{1});
        });
    };
    EXPECT_EQ(resolve(id)->note, "a test of the cashier");
    EXPECT_TRUE(resolve(id).error().is(kDifferenceSettled));
    EXPECT_TRUE(resolve(DifferenceId{99}).error().is(kDifferenceNotFound));
    const Reconciliation settled = run(reconciler_->report("wechat_pay", day_))->run;
    EXPECT_EQ(settled.state, State::clean);
    EXPECT_FALSE(settled.next_run_at);
    // Going through the day again does not take that back.
    const Report again = reconcile();
    EXPECT_EQ(told(again), "payment missing_here resolved");
    EXPECT_EQ(again.run.state, State::clean);
}

TEST_P(Reconciling, keeps_a_bounded_number_of_differences) {
    const auto many = static_cast<int>(Matcher::kDifferencesMax) + 5;
    for (int i = 0; i < many; ++i) {
        bills_.trade.push_back(FakeBills::payment(
            "stranger" + std::to_string(i), std::to_string(i), Money::fen(1), clock_.now()
        ));
    }
    bills_.fund = bills_.trade;
    const Report report = reconcile();
    EXPECT_EQ(report.differences.size(), Matcher::kDifferencesMax);
    EXPECT_EQ(report.run.not_kept, 5);
    EXPECT_EQ(report.run.state, State::differences);
}

TEST_P(Reconciling, goes_through_yesterday_by_itself_from_ten_on) {
    const std::string trade = paid_trade("1");
    bills_.trade = bills_.fund = {row_of(trade)};
    clock_.advance(ready_at(day_) - clock_.now() - Milliseconds{1});
    EXPECT_FALSE(run(reconciler_->run_due()));
    clock_.advance(Milliseconds{1});
    EXPECT_TRUE(run(reconciler_->run_due()));
    EXPECT_EQ(run(reconciler_->report("wechat_pay", day_))->run.state, State::clean);
    EXPECT_FALSE(run(reconciler_->run_due()));
}

TEST_P(Reconciling, that_died_is_done_again_an_hour_later) {
    const std::string trade = paid_trade("1");
    bills_.trade = bills_.fund = {row_of(trade)};
    clock_.advance(ready_at(day_) - clock_.now());
    const Scope scope{"wechat_pay", std::string{bills_.merchant()}, day_};
    write([&](sql::Transaction& tx) {
        ASSERT_TRUE(store::begin(tx, scope, clock_.now()));  // and no more is heard of it
    });
    clock_.advance(std::chrono::hours{1} - Milliseconds{1});
    EXPECT_FALSE(run(reconciler_->run_due()));
    clock_.advance(Milliseconds{1});
    EXPECT_TRUE(run(reconciler_->run_due()));
    const Report report = run(reconciler_->report("wechat_pay", day_)).value();
    EXPECT_EQ(report.run.state, State::clean);
    EXPECT_EQ(report.run.runs, 2);
    EXPECT_FALSE(report.run.next_run_at);
}

TEST_P(Reconciling, catches_up_after_days_off_and_comes_back_to_what_is_open) {
    const std::string trade = paid_trade("1");
    clock_.advance(ready_at(day_) - clock_.now() + std::chrono::hours{24});
    EXPECT_TRUE(run(reconciler_->run_due()));
    EXPECT_EQ(run(reconciler_->report("wechat_pay", day_))->run.open, 1);
    EXPECT_TRUE(run(reconciler_->run_due()));
    EXPECT_EQ(run(reconciler_->report("wechat_pay", next(day_)))->run.state, State::clean);
    EXPECT_FALSE(run(reconciler_->run_due()));
    clock_.advance(std::chrono::hours{24});
    bills_.trade = bills_.fund = {row_of(trade)};
    while (run(reconciler_->run_due())) {
    }
    EXPECT_EQ(run(reconciler_->report("wechat_pay", day_))->run.state, State::clean);
}

}  // namespace
}  // namespace doorbuster::reconciliation
