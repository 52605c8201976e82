#include "rehearsal/latencies.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "rehearsal/plan.hpp"

namespace doorbuster::rehearsal {
namespace {

using namespace std::chrono_literals;

TEST(Latencies, tells_percentiles_at_most_a_thirtysecond_too_high) {
    std::mt19937_64 random{1};
    std::vector<std::int64_t> values;
    Latencies latencies;
    for (int i = 0; i < 20'000; ++i) {
        const auto value = static_cast<std::int64_t>(random() >> (34 + random() % 30));
        values.push_back(value);
        latencies.add(std::chrono::microseconds{value});
    }
    std::sort(values.begin(), values.end());
    for (const int percent : {1, 25, 50, 90, 99}) {
        const std::int64_t exact =
            values[values.size() * static_cast<std::size_t>(percent) / 100 - 1];
        const std::int64_t told = latencies.percentile(percent).count();
        EXPECT_GE(told, exact);
        EXPECT_LE(told, exact + exact / 32 + 1);
    }
    EXPECT_EQ(latencies.percentile(100).count(), values.back());
}

TEST(Latencies, of_nothing_are_zero) { EXPECT_EQ(Latencies{}.percentile(99), 0us); }

TEST(Latencies, add_up) {
    Latencies one;
    Latencies other;
    for (int i = 1; i <= 50; ++i) one.add(std::chrono::microseconds{i});
    for (int i = 51; i <= 100; ++i) other.add(std::chrono::microseconds{i * 1'000});
    one.add(other);
    EXPECT_EQ(one.count(), 100u);
    EXPECT_EQ(one.percentile(50), 50us);
    EXPECT_EQ(one.max(), 100ms);
}

TEST(Arrivals, are_the_same_for_the_same_seed_and_come_at_the_rate) {
    Arrivals one{1'000, 7};
    Arrivals same{1'000, 7};
    std::chrono::nanoseconds last{0};
    for (int i = 0; i < 10'000; ++i) {
        const auto at = one.next();
        EXPECT_EQ(at, same.next());
        EXPECT_GE(at, last);
        last = at;
    }
    EXPECT_NEAR(std::chrono::duration<double>(last).count(), 10, 0.5);
}

TEST(Nature, follows_the_shares) {
    Plan plan;
    plan.shares = {.pay = 50, .cancel = 20, .ask_again = 30, .walk_off = 5, .hope = 10};
    int payers = 0;
    int walkers = 0;
    int again = 0;
    for (std::uint64_t buyer = 0; buyer < 10'000; ++buyer) {
        const Nature nature = nature_of(plan, buyer);
        payers += nature.role == Role::payer;
        walkers += nature.role == Role::walker;
        again += nature.asks_again;
    }
    EXPECT_NEAR(payers, 5'000, 250);
    EXPECT_NEAR(walkers, 500, 100);
    EXPECT_NEAR(again, 3'000, 250);
}

}  // namespace
}  // namespace doorbuster::rehearsal
