#include <gtest/gtest.h>

#include <cstdlib>

#include "audit/auditor.hpp"
#include "payments/payment_worker.hpp"
#include "refunds/refund_worker.hpp"
#include "support/run_task.hpp"
#include "support/seeded_payments.hpp"

namespace doorbuster::refunds {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using test::FakeProvider;

// Payments and refunds of every kind, lost and repeated messages, crashes and restarts, in any
// order that a seed gives.
class MoneyWorld final : private test::SeededPayments {
public:
    MoneyWorld(sql::Dialect dialect, unsigned seed) : SeededPayments{dialect, seed} {
        alipay_.pays_in_page = seed % 2 == 0;
        restart();
    }

    void step() {
        change_at_provider();
        switch (roll(12)) {
            case 0:
            case 1:
                return survive([this] { pay(); });
            case 2:
            case 3:
                return buyer_pays();
            case 4:
                return survive([this] { notify(); });
            case 5:
                return ask_refund();
            case 6:
            case 7:
                return survive([this] { test::run(refund_worker_->run_once()); });
            case 8:
                return survive([this] { test::run(payment_worker_->run_once()); });
            case 9:
                return clock_.advance(seconds{1 + roll(roll(3) == 0 ? 900 : 30)});
            case 10:
                return answer_late();
            default:
                return roll(3) == 0 ? give_up(some_reference()) : restart();
        }
    }

    // The faults end, everything is given up, and days go by.
    void settle() {
        healthy_ = true;
        restart();
        for (int i = 0; i < kReferences; ++i) give_up(reference(i));
        for (int hour = 0; hour < 60; ++hour) {
            change_at_provider();
            while (test::run(payment_worker_->run_once())) {
            }
            while (test::run(refund_worker_->run_once())) {
            }
            clock_.advance(hours{1});
        }
    }

    // The project's own audit, as far as it knows no orders.
    void check_books() {
        const auto verdicts = database_->read_blocking([&](sql::Reader& reader) {
            return audit::audit(reader, clock_.now());
        });
        for (const auto& verdict : verdicts) {
            if (verdict.rule->query->name == "audit.payments_reach_their_order") continue;
            if (verdict.rule->query->name == "audit.slow_refunds_are_told") continue;
            for (const auto& finding : verdict.findings) {
                ADD_FAILURE() << verdict.rule->meaning << " - " << finding.subject << ": "
                              << finding.what;
            }
        }
    }

    // Nothing is believed that the provider does not know.
    void check_always() {
        for (const auto& payment : all_payments()) {
            const FakeProvider& provider = named(payment.provider);
            if (payment.state != payments::PaymentState::paid) continue;
            ASSERT_EQ(provider.orders.at(payment.out_trade_no).transaction, payment.transaction);
            ASSERT_LE(payment.refund_reserved, payment.amount);
        }
        for (const Refund& refund : refunds()) {
            if (refund.state != RefundState::succeeded) continue;
            const auto& known = named(refund.provider).refunds.at(refund.out_refund_no);
            ASSERT_EQ(known.state, ProviderRefund::State::succeeded) << "given back without proof";
            ASSERT_EQ(known.asked.amount, refund.amount);
        }
        ASSERT_LE(most_kept_of_a_reference(), 1);
    }

    // Paid - refunded, by the providers' books and by ours.
    void check_settled() {
        for (const Refund& refund : refunds()) {
            EXPECT_FALSE(is_open(refund.state)) << refund.out_refund_no << " is not resolved";
        }
        for (FakeProvider* provider : providers()) {
            Money truth;
            for (const auto& [trade, order] : provider->orders) {
                if (order.transaction.empty()) continue;
                truth += order.asked.amount - provider->refunded(trade);
            }
            const auto ours = database_->read_blocking([&](sql::Reader& reader) {
                return bookkeeping::clearing(reader, provider->name(), provider->merchant());
            });
            EXPECT_EQ(ours, truth) << provider->name();
        }
        EXPECT_EQ(
            number("SELECT count(*) FROM payments p WHERE refund_due = 1 AND give_back_at IS NULL "
                   "AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.payment_id = p.id)"),
            0
        ) << "money that is not ours was forgotten";
    }

private:
    // What a provider makes of new refunds, and of those it is busy with.
    void change_at_provider() {
        using State = ProviderRefund::State;
        FakeProvider& provider = either();
        constexpr State kBegins[] = {State::succeeded, State::processing, State::failed};
        provider.refunds_begin_as = healthy_ ? State::succeeded : kBegins[roll(3)];
        for (FakeProvider* const one : providers()) {
            for (auto& [known, refund] : one->refunds) {
                if (refund.state != State::processing) continue;
                if (healthy_ || roll(4) == 0) {
                    refund.state = roll(4) == 0 ? State::failed : State::succeeded;
                }
            }
        }
    }

    void restart() override {
        const std::vector<PaymentProvider*> payers{&wechat_, &alipay_};
        const std::vector<RefundProvider*> refunders{&wechat_, &alipay_};
        payment_worker_.reset();
        refund_worker_.reset();
        payments_.emplace(*database_, clock_, random_, outbox_, payers);
        refunds_.emplace(*database_, clock_, outbox_, refunders);
        payments_->on_refund_notice(*refunds_);
        payment_worker_.emplace(*database_, clock_, *payments_);
        refund_worker_.emplace(*database_, clock_, *refunds_);
    }
    void pay() {
        const payments::PaymentOrder order = order_for(some_reference());
        const std::string provider{either().name()};
        (void)test::run(payments_->pay(order, provider));
    }
    void give_up(const std::string& to) {
        database_->write_blocking([&](sql::Transaction& tx) { payments_->close(tx, to); });
    }
    void buyer_pays() {
        FakeProvider& provider = either();
        // A page can be paid that the provider has not heard of yet.
        for (const auto& payment : all_payments()) {
            if (payment.provider != provider.name() || roll(3) != 0) continue;
            if (provider.pays_in_page && !provider.orders.contains(payment.out_trade_no)) {
                provider.pay_in_page(payments::provider_order(payment));
            } else if (provider.orders.contains(payment.out_trade_no)) {
                const auto& order = provider.orders.at(payment.out_trade_no);
                const bool closed = order.state == ProviderTrade::State::closed;
                if (closed && order.transaction.empty() && roll(3) == 0) {
                    provider.pay_in_spite(payment.out_trade_no);
                } else {
                    provider.pay(payment.out_trade_no);
                }
            }
        }
    }
    // Of a payment or of a refund, once or several times.
    void notify() {
        FakeProvider& provider = either();
        std::string body;
        if (roll(2) == 0 && !provider.refunds.empty()) {
            auto refund = provider.refunds.begin();
            std::advance(refund, roll(static_cast<int>(provider.refunds.size())));
            body = provider.notification_of_refund(refund->first);
        } else if (!provider.orders.empty()) {
            auto order = provider.orders.begin();
            std::advance(order, roll(static_cast<int>(provider.orders.size())));
            if (order->second.transaction.empty()) return;
            body = provider.notification(order->first);
        }
        if (body.empty()) return;
        const PaymentProvider::Headers headers = FakeProvider::signed_headers();
        for (int i = 0; i <= roll(3); ++i) {
            (void)test::run(payments_->notified(provider, headers, body));
        }
    }
    // By staff, as they like; or by hand in the provider's console.
    void ask_refund() {
        const auto all = all_payments();
        if (all.empty()) return;
        const auto& payment = all[static_cast<std::size_t>(roll(static_cast<int>(all.size())))];
        if (payment.state != payments::PaymentState::paid) return;
        const NewRefund wanted{
            .payment = payment.id,
            .amount = Money::fen(1 + roll(120)),
            .reason = "because",
            .asked_by = "u1",
            .key = "key " + std::to_string(roll(3))};
        const auto ask = [&](sql::Transaction& tx) { return refunds_->request(tx, wanted); };
        static_cast<void>(database_->write_blocking(ask));
    }
    void answer_late() {
        for (const auto& payment : all_payments()) {
            if (!payment.give_back_at || payment.duplicate || roll(2) == 0) continue;
            const std::string id = payment.id.to_string();
            database_->write_blocking([&](sql::Transaction& tx) {
                const bool kept = payments_->keep_late(tx, id, [&] { return roll(2) == 0; });
                if (!kept) refunds_->decline_late(tx, id);
            });
        }
    }

    std::vector<Refund> refunds() {
        return database_->read_blocking([](sql::Reader& reader) {
            return store::list(reader, {}, 1000, 0).refunds;
        });
    }

    std::optional<payments::PaymentService> payments_;
    std::optional<RefundService> refunds_;
    std::optional<payments::PaymentWorker> payment_worker_;
    std::optional<RefundWorker> refund_worker_;
};

void live_through(sql::Dialect dialect, unsigned seed, int steps) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    MoneyWorld world{dialect, seed};
    for (int i = 0; i < steps; ++i) {
        world.step();
        ASSERT_NO_FATAL_FAILURE(world.check_always()) << "after step " << i;
        if (i % 20 == 19) world.check_books();
        if (testing::Test::HasFailure()) return;
    }
    world.settle();
    world.check_always();
    world.check_books();
    world.check_settled();
}

// How many lives; a longer run is asked for by DOORBUSTER_TEST_LIVES.
unsigned lives(unsigned usual) {
    const char* const asked = std::getenv("DOORBUSTER_TEST_LIVES");
    return asked ? static_cast<unsigned>(std::strtoul(asked, nullptr, 10)) : usual;
}

TEST(MoneyProperties, hold_in_any_order_of_events_on_sqlite) {
    for (unsigned seed = 1; seed <= lives(100); ++seed) {
        live_through(sql::Dialect::sqlite, seed, 120);
        if (testing::Test::HasFailure()) return;
    }
}

TEST(MoneyProperties, hold_in_any_order_of_events_on_postgres) {
    if (!test::TestDatabase::available(sql::Dialect::postgres)) GTEST_SKIP() << "no server";
    for (unsigned seed = 1001; seed <= 1004; ++seed) {
        live_through(sql::Dialect::postgres, seed, 80);
        if (testing::Test::HasFailure()) return;
    }
}

}  // namespace
}  // namespace doorbuster::refunds
