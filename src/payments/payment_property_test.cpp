#include <gtest/gtest.h>

#include <random>

#include "payments/events.hpp"
#include "payments/payment_service.hpp"
#include "payments/payment_worker.hpp"
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

// Buyers, two providers, lost and repeated messages, crashes and restarts, in any order that a seed
// gives. The providers' own books say what is true.
class World {
public:
    World(sql::Dialect dialect, unsigned seed)
        : dice_{seed}, random_{seed}, database_{dialect}, outbox_{clock_} {
        for (FakeProvider* provider : providers()) {
            provider->fault = [this](std::string_view) { return fault(); };
        }
        restart();
    }

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
                return roll(3) == 0 ? give_up(reference()) : restart();
        }
    }

    // The faults end, everything is given up, and two days go by.
    void settle() {
        healthy_ = true;
        restart();
        for (int i = 0; i < kReferences; ++i) give_up(std::to_string(5000 + i));
        for (int hour = 0; hour < 50; ++hour) {
            work();
            clock_.advance(hours{1});
        }
        work();
    }

    // What must hold at every moment.
    void check_always() {
        for (const Payment& payment : all()) {
            if (payment.state != PaymentState::paid) continue;
            FakeProvider& provider = named(payment.provider);
            const auto truth = provider.orders.find(payment.out_trade_no);
            ASSERT_TRUE(truth != provider.orders.end());
            ASSERT_EQ(truth->second.state, ProviderTrade::State::paid) << "paid without proof";
            ASSERT_EQ(payment.transaction, truth->second.transaction);
            ASSERT_EQ(payment.amount, truth->second.asked.amount);
        }
        ASSERT_LE(
            most("SELECT count(*) FROM payments WHERE state = 'paid' AND duplicate = 0 "
                 "GROUP BY reference ORDER BY 1 DESC LIMIT 1"),
            1
        );
        ASSERT_LE(
            most("SELECT count(*) FROM outbox "
                 "WHERE topic IN ('payment.succeeded', 'payment.closed') "
                 "GROUP BY key ORDER BY 1 DESC LIMIT 1"),
            1
        ) << "a reference was answered twice";
    }

    // What must hold when all is over.
    void check_settled() {
        Money kept;
        Money due_back;
        for (const Payment& payment : all()) {
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
            most("SELECT count(*) FROM outbox "
                 "WHERE topic IN ('payment.succeeded', 'payment.closed')"),
            kReferences
        ) << "a reference was left without an answer";
        EXPECT_EQ(
            most("SELECT count(*) FROM payments p JOIN outbox o ON o.key = p.reference "
                 "WHERE o.topic = 'payment.closed' AND p.state = 'paid' AND p.refund_due = 0"),
            0
        ) << "money was kept for what was told to be closed";
    }

private:
    static constexpr int kReferences = 3;

    int roll(int sides) { return static_cast<int>(dice_() % static_cast<unsigned>(sides)); }
    std::vector<FakeProvider*> providers() { return {&wechat_, &alipay_}; }
    FakeProvider& named(std::string_view name) {
        return name == wechat_.name() ? wechat_ : alipay_;
    }
    std::string reference() { return std::to_string(5000 + roll(kReferences)); }

    Fault fault() {
        if (healthy_) return Fault::none;
        switch (roll(12)) {
            case 0:
                return Fault::lost;
            case 1:
                return Fault::no_answer;
            case 2:
                return roll(2) == 0 ? Fault::crash : Fault::crash_late;
            case 3:
                return roll(3) == 0 ? Fault::refused : Fault::none;
            default:
                return Fault::none;
        }
    }

    void restart() {
        worker_.reset();
        service_.emplace(
            *database_, clock_, random_, outbox_, std::vector<PaymentProvider*>{&wechat_, &alipay_}
        );
        worker_.emplace(*database_, clock_, *service_);
    }
    // A crash is a new process on the same database.
    template <class Deed>
    void survive(Deed deed) {
        try {
            deed();
        } catch (const FakeProvider::Crash&) {
            restart();
        }
    }
    void pay() {
        const std::string to = reference();
        const PaymentOrder order{
            to, "42", Money::fen(100 + std::stoll(to) % 100), "order", start_ + hours{1}};
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
        FakeProvider& provider = *providers()[static_cast<std::size_t>(roll(2))];
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
        FakeProvider& provider = *providers()[static_cast<std::size_t>(roll(2))];
        std::string number;
        const FakeProvider::Order* order = some_order(provider, number);
        if (!order) return;
        ProviderTrade trade = provider.trade(number);
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

    std::vector<Payment> all() {
        const auto body = [](sql::Reader& reader) { return store::list(reader, {}, 1000, 0); };
        return database_->read_blocking(body);
    }
    // The first value of the first row; zero when there is none.
    std::int64_t most(std::string_view query) {
        const sql::Statement statement{"test.most", query, query};
        const auto value = [](const sql::Row& row) { return row.integer(0); };
        const auto body = [&](sql::Reader& reader) {
            return reader.find(statement, {}, value).value_or(0);
        };
        return database_->read_blocking(body);
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

    std::mt19937 dice_;
    test::ManualClock clock_;
    Time start_ = clock_.now();
    test::SeededRandom random_;
    test::TestDatabase database_;
    events::Outbox outbox_;
    FakeProvider wechat_{"wechat_pay", clock_};
    FakeProvider alipay_{"alipay", clock_};
    bool healthy_ = false;
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
