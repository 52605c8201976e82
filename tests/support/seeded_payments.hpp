#pragma once

#include <random>
#include <string>
#include <vector>

#include "events/outbox.hpp"
#include "payments/payment_service.hpp"
#include "payments/payment_store.hpp"
#include "support/fake_provider.hpp"
#include "support/manual_clock.hpp"
#include "support/seeded_random.hpp"
#include "support/test_database.hpp"

namespace doorbuster::test {

// What worlds stand on in which a seed decides what happens to payments: a database, a clock that
// is set, and two providers whose messages get lost and who see our process crash. The providers'
// own books say what is true.
class SeededPayments {
public:
    using Fault = FakeProvider::Fault;

    SeededPayments(const SeededPayments&) = delete;
    SeededPayments& operator=(const SeededPayments&) = delete;

protected:
    static constexpr int kReferences = 3;

    SeededPayments(sql::Dialect dialect, unsigned seed)
        : dice_{seed}, random_{seed}, database_{dialect}, outbox_{clock_} {
        for (FakeProvider* provider : providers()) {
            provider->fault = [this](std::string_view) { return fault(); };
        }
    }
    virtual ~SeededPayments() = default;

    // A new process on the same database.
    virtual void restart() = 0;

    int roll(int sides) { return static_cast<int>(dice_() % static_cast<unsigned>(sides)); }
    std::vector<FakeProvider*> providers() { return {&wechat_, &alipay_}; }
    FakeProvider& named(std::string_view name) {
        return name == wechat_.name() ? wechat_ : alipay_;
    }
    FakeProvider& either() { return roll(2) == 0 ? wechat_ : alipay_; }
    static std::string reference(int number) { return std::to_string(5000 + number); }
    std::string some_reference() { return reference(roll(kReferences)); }
    // The same whenever it is asked for.
    payments::PaymentOrder order_for(const std::string& to) const {
        const Money amount = Money::fen(100 + std::stoll(to) % 100);
        return {to, "42", amount, "order", start_ + std::chrono::hours{1}};
    }

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
    template <class Deed>
    void survive(Deed deed) {
        try {
            deed();
        } catch (const FakeProvider::Crash&) {
            restart();
        }
    }

    std::vector<payments::Payment> all_payments() {
        return database_->read_blocking([](sql::Reader& reader) {
            return payments::store::list(reader, {}, 1000, 0);
        });
    }
    // The first value of the first row; zero when there is none.
    std::int64_t number(std::string_view query) {
        const sql::Statement statement{"test.number", query, query};
        const auto value = [](const sql::Row& row) { return row.integer(0); };
        return database_->read_blocking([&](sql::Reader& reader) {
            return reader.find(statement, {}, value).value_or(0);
        });
    }
    std::int64_t most_kept_of_a_reference() {
        return number(
            "SELECT count(*) FROM payments WHERE state = 'paid' AND duplicate = 0 "
            "GROUP BY reference ORDER BY 1 DESC LIMIT 1"
        );
    }

    std::mt19937 dice_;
    ManualClock clock_;
    Time start_ = clock_.now();
    SeededRandom random_;
    TestDatabase database_;
    events::Outbox outbox_;
    FakeProvider wechat_{"wechat_pay", clock_};
    FakeProvider alipay_{"alipay", clock_};
    bool healthy_ = false;  // from now on nothing fails
};

}  // namespace doorbuster::test
