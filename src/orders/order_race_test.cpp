#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <thread>

#include "support/order_world.hpp"

// Cancelling, paying, expiring and the payment side's answers, in every order and at once.
namespace doorbuster::orders {
namespace {

class OrderRaces : public test::OrderWorld {
protected:
    // What must hold of any order, whatever came in whatever order.
    void expect_resolved_once(OrderNo number) {
        const OrderDetail found = detail(number);
        const std::string told = topics(number);
        const bool paid = told.find("order.paid") != std::string::npos;
        const bool closed = told.find("order.closed") != std::string::npos;
        // Cancelled after it was paid.
        const bool given_back = found.order.close_reason == CloseReason::refunded;
        EXPECT_EQ(paid && closed, given_back) << told;
        EXPECT_EQ(paid && !closed, found.order.status == Status::paid) << told;
        EXPECT_EQ(closed, found.order.status == Status::closed) << told;
        const int tellings = (paid ? 1 : 0) + (closed ? 1 : 0);
        EXPECT_EQ(std::count(told.begin(), told.end(), ','), tellings) << told;
    }
};
DOORBUSTER_ON_BOTH_ENGINES(OrderRaces);

TEST_P(OrderRaces, every_interleaving_resolves_the_order_once) {
    for (unsigned seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random{seed};
        const OrderNo number = placed({{cup_, 1}});
        if (seed % 2 == 0) checkout_.begin_attempt(number);
        const bool money_comes = seed % 3 != 0;
        std::vector<std::function<void()>> steps = {
            [&] { static_cast<void>(cancel(number)); },
            [&] { static_cast<void>(cancel(number)); },
            [&] { expire(number); },
            [&] { tell_closed(number); },
            [&] { static_cast<void>(ship(OrderNo{number.value() + 1})); }};
        if (money_comes) {
            steps.push_back([&] { succeed(number); });
            steps.push_back([&] { succeed(number); });
        }
        std::shuffle(steps.begin(), steps.end(), random);
        clock_.advance(std::chrono::minutes{31});
        for (const auto& step : steps) {
            step();
            expect_clean();
        }
        // The payment side answers at last when it was asked.
        if (!money_comes) tell_closed(number);
        expect_resolved_once(number);
        const Order now = order(number);
        if (money_comes) {
            EXPECT_NE(now.payment_status, PaymentStatus::unpaid) << "money is never forgotten";
        } else {
            EXPECT_EQ(now.status, Status::closed);
        }
    }
}

TEST_P(OrderRaces, threads_that_cancel_pay_and_expire_at_once_resolve_each_order_once) {
    constexpr int kOrders = 10;
    std::vector<OrderNo> numbers;
    for (int i = 0; i < kOrders; ++i) {
        numbers.push_back(placed({{cup_, 1}, {teapot_, 1}}));
        if (i % 2 == 0) checkout_.begin_attempt(numbers.back());
    }
    clock_.advance(std::chrono::minutes{31});
    std::vector<payments::PaymentEvent> successes;
    for (const OrderNo number : numbers) successes.push_back(event(number));

    const auto for_each_order = [&](auto act) {
        return [&, act] {
            for (std::size_t i = 0; i < numbers.size(); ++i) act(i);
        };
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back(for_each_order([&](std::size_t at) {
            static_cast<void>(cancel(numbers[at]));
        }));
        threads.emplace_back(for_each_order([&](std::size_t at) { expire(numbers[at]); }));
        threads.emplace_back(for_each_order([&](std::size_t at) {
            write([&](sql::Transaction& tx) { service_.payment_succeeded(tx, successes[at]); });
        }));
        threads.emplace_back(for_each_order([&](std::size_t at) {
            write([&](sql::Transaction& tx) { service_.payment_closed(tx, successes[at]); });
        }));
    }
    for (std::thread& thread : threads) thread.join();
    for (const OrderNo number : numbers) {
        expect_resolved_once(number);
        EXPECT_NE(order(number).payment_status, PaymentStatus::unpaid);
    }
    expect_clean();
    EXPECT_EQ(level(cup_).reserved, 0);
    EXPECT_EQ(level(teapot_).reserved, 0);
}

TEST_P(OrderRaces, two_parcels_at_once_ship_one) {
    const OrderNo number = placed({{cup_, 1}});
    succeed(number);
    std::atomic<int> shipped = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            if (ship(number, "SF" + std::to_string(i)).has_value()) ++shipped;
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(shipped, 1);
    EXPECT_EQ(story(number), "placed,paid,shipped");
    EXPECT_EQ(integer("SELECT COUNT(*) FROM audit_log"), 1);
}

}  // namespace
}  // namespace doorbuster::orders
