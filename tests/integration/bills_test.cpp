#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "alipay/alipay_world.hpp"
#include "payments/doubts.hpp"
#include "payments/payment_routes.hpp"
#include "reconciliation/reconciler.hpp"
#include "reconciliation/run_store.hpp"
#include "refunds/refund_worker.hpp"
#include "support/test_database.hpp"
#include "wechat_pay/wechat_world.hpp"

// Bills as the providers' adapters fetch and read them, of trades that went over their wires, held
// against what the payment side knows of the same trades.
namespace doorbuster::reconciliation {
namespace {

using namespace std::chrono_literals;
using Point = sandbox::Faults::Point;
using test::run;

class Bills : public test::DatabaseTest {
protected:
    void SetUp() override {
        DatabaseTest::SetUp();
        if (IsSkipped()) return;
        const std::vector<PaymentProvider*> payers{&wechat_, &alipay_};
        const std::vector<RefundProvider*> refunders{&wechat_, &alipay_};
        payments_.emplace(database(), world_.clock, world_.random, outbox_, payers);
        refunds_.emplace(database(), world_.clock, outbox_, refunders);
        refund_worker_.emplace(database(), world_.clock, *refunds_);
        payments_->on_refund_notice(*refunds_);
        world_.router.add(payments::payment_routes(*payments_));
        reconciler_.emplace(Reconciler::Parts{
            database(), world_.clock, *payments_, *refunds_, {&wechat_, &alipay_}, folder_});
    }
    void TearDown() override {
        reconciler_.reset();
        std::filesystem::remove_all(folder_);
    }

    // A buyer pays; whether that is told is the simulator's affair.
    PaymentId pay(const std::string& provider, const std::string& reference) {
        const payments::PaymentOrder order{
            reference, "42", Money::fen(8888), "tea", world_.clock.now() + 30min};
        const auto view = run(payments_->pay(order, provider)).value();
        const PaymentId id{std::stoll(view.id)};
        if (provider == "wechat_pay") {
            EXPECT_EQ(world_.scan(view.code_url).status, 200);
        } else {
            pay_in_page(run(payments_->page(id, "42")).value());
        }
        while (world_.deliver() > 0) {
        }
        return id;
    }
    void pay_in_page(const PayForm& form) {
        OutboundRequest request;
        request.method = "POST";
        request.url = form.action;
        request.body = alipay::to_form({form.fields.begin(), form.fields.end()});
        request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
        const auto answer = run(world_.network.send(std::move(request)));
        const std::string page{answer.header("Location")};
        const auto paid =
            world_.phone.post("/sandbox/alipay/scan", R"({"page":")" + page + R"(","pay":true})");
        EXPECT_EQ(paid.status, 200) << paid.body;
    }
    RefundId ask_back(PaymentId payment, std::int64_t fen) {
        const refunds::NewRefund wanted{
            .payment = payment,
            .amount = Money::fen(fen),
            .origin = refunds::Origin::staff,
            .reason = "broken",
            .asked_by = "u1",
            .key = {}};
        return database()
            .write_blocking([&](sql::Transaction& tx) { return refunds_->request(tx, wanted); })
            .value()
            .id;
    }
    void settle_there() {
        world_.clock.advance(61s);
        while (run(world_.sandbox.settle_due_refund())) {
        }
    }
    void work() {
        while (run(refund_worker_->run_once())) {
        }
    }
    RefundId refunded(PaymentId payment, std::int64_t fen) {
        const RefundId id = ask_back(payment, fen);
        work();
        settle_there();
        work();
        return id;
    }
    // Made by somebody in the provider's console.
    void refund_by_hand(const std::string& provider, PaymentId payment) {
        const ProviderRefundOrder order{
            .out_refund_no = "CONSOLE" + payment.to_string(),
            .out_trade_no = number_of(payment),
            .transaction_id = "",
            .amount = Money::fen(100),
            .paid = Money::fen(8888),
            .reason = "by hand"};
        RefundProvider& port = provider == "wechat_pay" ? static_cast<RefundProvider&>(wechat_)
                                                        : static_cast<RefundProvider&>(alipay_);
        ASSERT_TRUE(run(port.refund(order)).value.has_value());
        settle_there();
    }
    std::string number_of(PaymentId payment) {
        return text("SELECT out_trade_no FROM payments WHERE id = $1", {payment});
    }
    std::string state_of(PaymentId payment) {
        return text("SELECT state FROM payments WHERE id = $1", {payment});
    }
    std::string state_of(RefundId refund) {
        return text("SELECT state FROM refunds WHERE id = $1", {refund});
    }

    // The bill of the first day, read on the second morning after it.
    Report reconcile(const std::string& provider) {
        const Time morning = ready_at(next(day_));
        if (world_.clock.now() < morning) world_.clock.advance(morning - world_.clock.now());
        const auto report = run(reconciler_->reconcile(provider, day_)).value();
        EXPECT_EQ(report.run.failure, "");
        return report;
    }
    // "payment missing_here open"; of the account only when asked for.
    static std::string told(const Report& report, bool funds = false) {
        std::string all;
        for (const Difference& difference : report.differences) {
            if (!funds && difference.subject == Subject::fund) continue;
            all += (all.empty() ? "" : ", ") + std::string{to_string(difference.subject)} + " " +
                   std::string{to_string(difference.kind)} + " " +
                   std::string{to_string(difference.state)};
        }
        return all;
    }
    static constexpr std::array kProviders{"wechat_pay", "alipay"};

    test::SandboxWorld world_;
    events::Outbox outbox_{world_.clock};
    wechat_pay::WechatPay wechat_{
        wechat_pay::config_for(world_.sandbox.merchant(), test::kShopOrigin),
        world_.network,
        world_.clock,
        world_.random};
    alipay::Alipay alipay_{
        alipay::config_for(world_.sandbox.alipay_merchant(), alipay::KeyMode::public_key),
        world_.network,
        world_.clock};
    std::optional<payments::PaymentService> payments_;
    std::optional<refunds::RefundService> refunds_;
    std::optional<refunds::RefundWorker> refund_worker_;
    const BillDay day_ = day_of(world_.clock.now());
    const std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("doorbuster-days-" + std::to_string(getpid()));
    std::optional<Reconciler> reconciler_;
};
DOORBUSTER_ON_BOTH_ENGINES(Bills);

TEST_P(Bills, agree_with_what_was_paid_and_refunded_to_the_fen) {
    for (const std::string provider : kProviders) {
        const PaymentId first = pay(provider, provider + "1");
        pay(provider, provider + "2");
        ASSERT_EQ(state_of(first), "paid") << provider;
        ASSERT_EQ(state_of(refunded(first, 88)), "succeeded") << provider;
    }
    for (const std::string provider : kProviders) {
        const Report report = reconcile(provider);
        EXPECT_EQ(told(report, true), "") << provider << "\n" << as_table(report);
        EXPECT_EQ(report.run.state, State::clean) << provider;
        EXPECT_EQ(report.run.bill.payments, 2);
        EXPECT_EQ(report.run.bill.paid, Money::fen(2 * 8888));
        EXPECT_EQ(report.run.bill.refunded, Money::fen(88));
        EXPECT_EQ(report.run.matched.payments, 2);
        EXPECT_EQ(report.run.matched.refunded, Money::fen(88));
        EXPECT_EQ(report.run.trade_hash.size(), 64u);
    }
    // Fees of both are in the books.
    EXPECT_GT(integer("SELECT COUNT(*) FROM book_entries WHERE kind = 'fee'"), 0);
}

TEST_P(Bills, tell_of_payments_that_nobody_told_us_of) {
    world_.faults.set(Point::drop_notification, 1);
    for (const std::string provider : kProviders) {
        const PaymentId payment = pay(provider, provider);
        ASSERT_NE(state_of(payment), "paid");
        EXPECT_EQ(told(reconcile(provider)), "payment missing_here repaired") << provider;
        EXPECT_EQ(state_of(payment), "paid");
        const Report again = reconcile(provider);
        EXPECT_EQ(again.run.matched.payments, 1);
        EXPECT_EQ(again.run.state, State::clean);
        world_.clock.jump(begin_of(day_) + 1h - world_.clock.now());
    }
}

TEST_P(Bills, that_lack_a_payment_never_unpay_it) {
    const std::string date = to_string(day_);
    for (const std::string provider : kProviders) pay(provider, provider);
    for (const std::string provider : kProviders) pay(provider, provider + " too");
    for (const std::string provider : kProviders) {
        world_.faults.set_for(date, Point::bill_missing_row, 1);
        const Report report = reconcile(provider);
        EXPECT_EQ(told(report), "payment missing_there open") << provider;
        EXPECT_EQ(report.differences[0].note, "asked, it says: paid; another bill should have it");
        EXPECT_EQ(report.run.matched.payments, 1);
    }
    EXPECT_EQ(integer("SELECT COUNT(*) FROM payments WHERE state = 'paid'"), 4);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM payment_doubts"), 0) << "the provider confirms them";
}

TEST_P(Bills, of_another_amount_hold_the_refunds_until_somebody_has_looked) {
    for (const std::string provider : kProviders) {
        const PaymentId payment = pay(provider, provider);
        // What we believe to have sold for is not what they took.
        execute("UPDATE payments SET amount = amount + 12 WHERE id = $1", {payment});
        const Report report = reconcile(provider);
        EXPECT_EQ(told(report), "payment amount open") << provider;
        EXPECT_EQ(report.differences[0].ours, Money::fen(8900));
        EXPECT_EQ(report.differences[0].theirs, Money::fen(8888));
        EXPECT_EQ(integer("SELECT suspect FROM payments WHERE id = $1", {payment}), 1);

        execute("UPDATE payments SET amount = amount - 12 WHERE id = $1", {payment});
        const RefundId refund = ask_back(payment, 88);
        work();
        EXPECT_EQ(state_of(refund), "requested") << "held";
        const auto resolve = [&](sql::Transaction& tx) {
            return reconciler_->resolve(tx, report.differences[0].id, "a slip of ours", UserId{1});
        };
        ASSERT_TRUE(database().write_blocking(resolve).has_value());
        EXPECT_EQ(
            text("SELECT resolution FROM payment_doubts WHERE payment_id = $1", {payment}),
            "a slip of ours"
        );
        world_.clock.advance(10min);
        work();
        settle_there();
        work();
        EXPECT_EQ(state_of(refund), "succeeded") << provider;
        world_.clock.jump(begin_of(day_) + 1h - world_.clock.now());
    }
}

TEST_P(Bills, tell_of_refunds_that_were_made_in_the_console) {
    for (const std::string provider : kProviders) {
        world_.faults.set(Point::drop_notification, 0);
        const PaymentId payment = pay(provider, provider);
        world_.faults.set(Point::drop_notification, 1);
        refund_by_hand(provider, payment);
        EXPECT_EQ(told(reconcile(provider)), "refund missing_here repaired") << provider;
        EXPECT_EQ(text("SELECT origin FROM refunds ORDER BY id DESC LIMIT 1"), "external");
        EXPECT_EQ(integer("SELECT refunded FROM payments WHERE id = $1", {payment}), 100);
        world_.clock.jump(begin_of(day_) + 1h - world_.clock.now());
    }
}

TEST_P(Bills, tell_how_a_refund_ended) {
    for (const std::string provider : kProviders) {
        world_.faults.set(Point::drop_notification, 0);
        const PaymentId payment = pay(provider, provider);
        world_.faults.set(Point::drop_notification, 1);
        world_.faults.set(Point::refund_unmoved, provider == "alipay" ? 1 : 0);
        const RefundId refund = ask_back(payment, 88);
        work();
        settle_there();
        ASSERT_EQ(state_of(refund), "processing") << provider;
        EXPECT_EQ(told(reconcile(provider)), "refund status repaired") << provider;
        EXPECT_EQ(state_of(refund), "succeeded");
        world_.clock.jump(begin_of(day_) + 1h - world_.clock.now());
    }
}

TEST_P(Bills, lack_what_was_not_refunded_there) {
    for (const std::string provider : kProviders) {
        const PaymentId payment = pay(provider, provider);
        const RefundId refund = refunded(payment, 88);
        execute(
            "INSERT INTO refunds (payment_id, provider, merchant, out_refund_no, origin, state, "
            "amount, kept, reason, asked_by, created_at, sent_at, settled_at) SELECT payment_id, "
            "provider, merchant, 'NEVER-MADE' || CAST(id AS TEXT), origin, state, 5, kept, "
            "reason, asked_by, created_at, sent_at, settled_at FROM refunds WHERE id = $1",
            {refund}
        );
        EXPECT_EQ(told(reconcile(provider)), "refund missing_there open") << provider;
        world_.clock.jump(begin_of(day_) + 1h - world_.clock.now());
    }
}

TEST_P(Bills, of_other_shops_of_the_merchant_wait_for_a_person) {
    for (const std::string provider : kProviders) {
        const PaymentId payment = pay(provider, provider);
        execute("UPDATE payments SET out_trade_no = 'ANOTHER' WHERE id = $1", {payment});
        const Report report = reconcile(provider);
        EXPECT_EQ(told(report), "payment missing_here open, payment missing_there open");
        EXPECT_FALSE(report.differences[0].payment);
        // Asked, the provider knows no such trade: nothing of it goes back before somebody looked.
        const bool held = database().read_blocking([&](sql::Reader& reader) {
            return payments::holds_refunds(reader, payment);
        });
        EXPECT_TRUE(held) << provider << ": " << report.differences[1].note;
        EXPECT_EQ(state_of(payment), "paid");
        world_.clock.jump(begin_of(day_) + 1h - world_.clock.now());
    }
}

// ---- what providers tell of refunds, over their wires ----

TEST_P(Bills, need_not_be_read_to_learn_of_a_refund_that_is_notified) {
    for (const std::string provider : kProviders) {
        const PaymentId payment = pay(provider, provider);
        world_.faults.set(Point::refund_unmoved, provider == "alipay" ? 1 : 0);
        const RefundId refund = ask_back(payment, 88);
        work();
        ASSERT_EQ(state_of(refund), "processing") << provider;
        settle_there();
        execute("UPDATE refunds SET next_try_at = $1", {world_.clock.now() + 1h});
        while (world_.deliver() > 0) {
        }
        EXPECT_EQ(
            text(
                "SELECT verdict FROM payment_notifications WHERE payment_id = $1 "
                "ORDER BY id DESC LIMIT 1",
                {payment}
            ),
            "refund"
        ) << provider;
        work();
        EXPECT_EQ(state_of(refund), "succeeded") << provider;
    }
}

}  // namespace
}  // namespace doorbuster::reconciliation
