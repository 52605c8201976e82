#include <gtest/gtest.h>

#include "payments/events.hpp"
#include "payments/payment_worker.hpp"
#include "support/run_task.hpp"
#include "support/seeded_payments.hpp"

namespace doorbuster::payments {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using test::FakeProvider;

// Buyers, two providers, lost and repeated messages, crashes and restarts, in any order that a seed
// gives.
class World final : private test::SeededPayments {
public:
    World(sql::Dialect dialect, unsigned seed) : SeededPayments{dialect, seed} { restart(); }

    void step() {
        switch (roll(10)) {
            case 0:
            case 1:
                return survive([this] { pay(); });
            case 2:
            case 3:
                return buyer_pays();
            case 4:
                return notify(false);
            case 5:
                return notify(true);
            case 6:
            case 7:
                return survive([this] { work(); });
            case 8:
                return clock_.advance(seconds{1 + roll(roll(3) == 0 ? 600 : 20)});
            default:
                return roll(3) == 0 ? give_up(some_reference()) : restart();
        }
    }

    // The faults end, everything is given up, and two days go by.
    void settle() {
        healthy_ = true;
        restart();
        for (int i = 0; i < kReferences; ++i) give_up(reference(i));
        for (int hour = 0; hour < 50; ++hour) {
            work();
            clock_.advance(hours{1});
        }
        work();
    }

    // What must hold at every moment.
    void check_always() {
        for (const Payment& payment : all_payments()) {
            if (payment.state != PaymentState::paid) continue;
            FakeProvider& provider = named(payment.provider);
            const auto truth = provider.orders.find(payment.out_trade_no);
            ASSERT_TRUE(truth != provider.orders.end());
            ASSERT_EQ(truth->second.state, ProviderTrade::State::paid) << "paid without proof";
            ASSERT_EQ(payment.transaction, truth->second.transaction);
            ASSERT_EQ(payment.amount, truth->second.asked.amount);
        }
        ASSERT_LE(most_kept_of_a_reference(), 1);
        ASSERT_LE(
            number("SELECT count(*) FROM outbox "
                   "WHERE topic IN ('payment.succeeded', 'payment.closed') "
                   "GROUP BY key ORDER BY 1 DESC LIMIT 1"),
            1
        ) << "a reference was answered twice";
    }

    // What must hold when all is over.
    void check_settled() {
        Money kept;
        Money due_back;
        for (const Payment& payment : all_payments()) {
            ASSERT_TRUE(is_final(payment.state)) << to_string(payment.state);
            if (payment.state != PaymentState::paid) continue;
            (payment.refund_due ? due_back : kept) += payment.amount;
        }
        Money received;
        for (FakeProvider* provider : providers()) {
            for (const auto& [trade, order] : provider->orders) {
                if (!order.transaction.empty()) received += order.asked.amount;
            }
        }
        EXPECT_EQ(received, kept + due_back) << "money was lost or made up";
        EXPECT_EQ(told_amount("payment.succeeded"), kept);
        EXPECT_EQ(told_amount("payment.refund_due"), due_back);
        EXPECT_EQ(
            number("SELECT count(*) FROM outbox "
                   "WHERE topic IN ('payment.succeeded', 'payment.closed')"),
            kReferences
        ) << "a reference was left without an answer";
        EXPECT_EQ(
            number("SELECT count(*) FROM payments p JOIN outbox o ON o.key = p.reference "
                   "WHERE o.topic = 'payment.closed' AND p.state = 'paid' AND p.refund_due = 0"),
            0
        ) << "money was kept for what was told to be closed";
    }

private:
    void restart() override {
        worker_.reset();
        service_.emplace(
            *database_, clock_, random_, outbox_, std::vector<PaymentProvider*>{&wechat_, &alipay_}
        );
        worker_.emplace(*database_, clock_, *service_);
    }
    void pay() {
        const PaymentOrder order = order_for(some_reference());
        const std::string provider{roll(3) == 0 ? alipay_.name() : wechat_.name()};
        (void)test::run(service_->pay(order, provider));
    }
    void work() {
        while (test::run(worker_->run_once())) {
        }
    }
    void give_up(const std::string& to) {
        const auto body = [&](sql::Transaction& tx) { service_->close(tx, to); };
        database_->write_blocking(body);
    }
    FakeProvider::Order* some_order(FakeProvider& provider, std::string& trade) {
        if (provider.orders.empty()) return nullptr;
        auto order = provider.orders.begin();
        std::advance(order, roll(static_cast<int>(provider.orders.size())));
        trade = order->first;
        return &order->second;
    }
    void buyer_pays() {
        FakeProvider& provider = either();
        std::string trade;
        const FakeProvider::Order* order = some_order(provider, trade);
        if (!order) return;
        const bool closed = order->state == ProviderTrade::State::closed;
        if (closed && roll(4) == 0) {
            provider.pay_in_spite(trade);
        } else {
            provider.pay(trade);
        }
    }
    // The truth, told once or several times, or a lie in its clothes.
    void notify(bool lie) {
        FakeProvider& provider = either();
        std::string known;
        const FakeProvider::Order* order = some_order(provider, known);
        if (!order) return;
        ProviderTrade trade = provider.trade(known);
        if (lie) {
            trade.state = ProviderTrade::State::paid;
            trade.transaction_id = "forged";
            trade.amount = Money::fen(1);
        } else if (order->transaction.empty()) {
            return;
        }
        const std::string body = provider.notification(trade);
        const PaymentProvider::Headers headers = FakeProvider::signed_headers();
        for (int i = 0; i <= roll(3); ++i) {
            (void)test::run(service_->notified(provider, headers, body));
        }
    }

    Money told_amount(std::string_view topic) {
        static constexpr sql::Statement payloads{
            "test.payloads",
            "SELECT payload FROM outbox WHERE topic = $1",
            "SELECT payload FROM outbox WHERE topic = $1"};
        const auto body = [&](sql::Reader& reader) {
            Money sum;
            reader.query(payloads, {topic}, [&](const sql::Row& row) {
                sum += PaymentEvent::from_json(row.text(0)).amount;
            });
            return sum;
        };
        return database_->read_blocking(body);
    }

    std::optional<PaymentService> service_;
    std::optional<PaymentWorker> worker_;
};

void live_through(sql::Dialect dialect, unsigned seed, int steps) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world{dialect, seed};
    for (int i = 0; i < steps; ++i) {
        world.step();
        ASSERT_NO_FATAL_FAILURE(world.check_always()) << "after step " << i;
    }
    world.settle();
    world.check_always();
    world.check_settled();
}

TEST(PaymentProperties, hold_in_any_order_of_events_on_sqlite) {
    for (unsigned seed = 1; seed <= 60; ++seed) {
        live_through(sql::Dialect::sqlite, seed, 120);
        if (testing::Test::HasFailure()) return;
    }
}

TEST(PaymentProperties, hold_in_any_order_of_events_on_postgres) {
    if (!test::TestDatabase::available(sql::Dialect::postgres)) GTEST_SKIP() << "no server";
    for (unsigned seed = 101; seed <= 106; ++seed) {
        live_through(sql::Dialect::postgres, seed, 80);
        if (testing::Test::HasFailure()) return;
    }
}

}  // namespace
}  // namespace doorbuster::payments
