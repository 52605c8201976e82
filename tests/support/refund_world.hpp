#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audit/auditor.hpp"
#include "payments/payment_service.hpp"
#include "payments/payment_worker.hpp"
#include "refunds/refund_service.hpp"
#include "refunds/refund_worker.hpp"
#include "support/fake_provider.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "support/seeded_random.hpp"
#include "support/test_database.hpp"

namespace doorbuster::test {

// The payment side with its refunds, on a fresh database, against providers that a test plays.
class RefundWorld : public DatabaseTest {
protected:
    using Fault = FakeProvider::Fault;
    using Sent = ProviderRefund::State;

    void SetUp() override {
        DatabaseTest::SetUp();
        if (!IsSkipped()) restart();
    }
    // A new process on the same data.
    void restart() {
        const std::vector<PaymentProvider*> payers{&wechat_, &alipay_};
        const std::vector<RefundProvider*> refunders{&wechat_, &alipay_};
        payments_.emplace(database(), clock_, random_, outbox_, payers);
        refunds_.emplace(database(), clock_, outbox_, refunders);
        payment_worker_.emplace(database(), clock_, *payments_);
        refund_worker_.emplace(database(), clock_, *refunds_);
        payments_->on_refund_notice(*refunds_);
    }

    template <class Work>
    auto write(Work work) {
        return database().write_blocking(std::move(work));
    }
    payments::PaymentOrder order(const std::string& reference) const {
        return {reference, "42", Money::fen(1000), "order", expires_at_};
    }
    std::string last_trade() {
        return text("SELECT out_trade_no FROM payments ORDER BY id DESC LIMIT 1");
    }
    PaymentId last_payment() {
        return PaymentId{integer("SELECT id FROM payments ORDER BY id DESC LIMIT 1")};
    }
    // An attempt, not yet paid.
    std::string begin(FakeProvider& provider, const std::string& reference = "5001") {
        const payments::PaymentOrder asked = order(reference);
        const std::string name{provider.name()};
        run(payments_->pay(asked, name)).value();
        return last_trade();
    }
    // Paid and kept.
    PaymentId paid(FakeProvider& provider, const std::string& reference = "5001") {
        const std::string trade = begin(provider, reference);
        provider.pay(trade);
        notify(provider, provider.notification(trade));
        return last_payment();
    }
    PaymentId paid() { return paid(wechat_); }
    // Given up, told as closed, and paid all the same.
    PaymentId paid_late(const std::string& reference = "5001") {
        const std::string trade = begin(wechat_, reference);
        write([&](sql::Transaction& tx) { payments_->close(tx, reference); });
        while (run(payment_worker_->run_once())) {
        }
        wechat_.pay_in_spite(trade);
        notify(wechat_, wechat_.notification(trade));
        return last_payment();
    }
    NotificationReply notify(FakeProvider& provider, const std::string& body) {
        return run(payments_->notified(provider, FakeProvider::signed_headers(), body));
    }

    Result<refunds::Refund> refund(
        PaymentId payment, std::int64_t fen, std::optional<std::string> key = {}
    ) {
        const refunds::NewRefund wanted{
            .payment = payment,
            .amount = Money::fen(fen),
            .origin = refunds::Origin::staff,
            .reason = "because",
            .asked_by = "u1",
            .key = std::move(key)};
        return write([&](sql::Transaction& tx) { return refunds_->request(tx, wanted); });
    }
    void work() {
        while (run(refund_worker_->run_once())) {
        }
    }
    void work_after(Milliseconds pause) {
        clock_.advance(pause);
        work();
    }
    refunds::Refund get(RefundId id) {
        return database().read_blocking([&](sql::Reader& reader) {
            return refunds::store::get(reader, id);
        });
    }
    std::string state(RefundId id) { return std::string{to_string(get(id).state)}; }
    // Of all refunds, in their order.
    std::string states() { return joined("SELECT state FROM refunds ORDER BY id"); }
    // The topics told of refunds so far, in order.
    std::string told() {
        return joined("SELECT topic FROM outbox WHERE topic LIKE 'refund.%' ORDER BY id");
    }
    std::string joined(std::string_view query) {
        const sql::Statement statement{"test.joined", query, query};
        const auto read = [&](sql::Reader& reader) {
            std::string all;
            reader.query(statement, {}, [&](const sql::Row& row) {
                all += (all.empty() ? "" : " ") + row.string(0);
            });
            return all;
        };
        return database().read_blocking(read);
    }
    std::int64_t holds(std::string_view account) {
        Money sum;
        const auto read = [](sql::Reader& reader) { return bookkeeping::trial_balance(reader); };
        for (const auto& balance : database().read_blocking(read).balances) {
            if (balance.account == account) sum += balance.balance();
        }
        return sum.fen();
    }
    // Rule A5 of the project's own audit, as far as it knows no orders.
    void expect_clean() {
        const auto verdicts = database().read_blocking([&](sql::Reader& reader) {
            return audit::audit(reader, clock_.now());
        });
        for (const auto& verdict : verdicts) {
            if (verdict.rule->query->name == "audit.payments_reach_their_order") continue;
            for (const auto& finding : verdict.findings) {
                ADD_FAILURE() << verdict.rule->meaning << " - " << finding.subject << ": "
                              << finding.what;
            }
        }
    }
    void fail_all(FakeProvider& provider, Fault fault) {
        provider.fault = [fault](std::string_view) { return fault; };
    }
    void heal(FakeProvider& provider) { fail_all(provider, Fault::none); }

    ManualClock clock_;
    SeededRandom random_{1};
    events::Outbox outbox_{clock_};
    FakeProvider wechat_{"wechat_pay", clock_};
    FakeProvider alipay_{"alipay", clock_};
    Time expires_at_ = clock_.now() + std::chrono::minutes{30};
    std::optional<payments::PaymentService> payments_;
    std::optional<refunds::RefundService> refunds_;
    std::optional<payments::PaymentWorker> payment_worker_;
    std::optional<refunds::RefundWorker> refund_worker_;
};

}  // namespace doorbuster::test
