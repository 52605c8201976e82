#include "orders/order_number.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

#include "support/manual_clock.hpp"
#include "support/seeded_random.hpp"

namespace doorbuster::orders {
namespace {

struct OrderNumber : testing::Test {
    test::ManualClock clock;
    test::SeededRandom random{1};
    OrderNumbers numbers{clock, random};
};

TEST_F(OrderNumber, tells_its_time_and_its_users_partition) {
    const OrderNo number = numbers.next(UserId{77});
    EXPECT_GT(number.value(), 0);
    EXPECT_EQ(time_of(number), clock.now());
    EXPECT_EQ(partition_of(number), 77 % 32);
    EXPECT_EQ(partition_of(number), partition_of(UserId{77}));
}

TEST_F(OrderNumber, rises_with_time) {
    const OrderNo earlier = numbers.next(UserId{31});
    clock.advance(Milliseconds{1});
    EXPECT_LT(earlier, numbers.next(UserId{0}));
}

TEST_F(OrderNumber, the_first_number_of_a_time_is_not_above_any_made_then) {
    const OrderNo number = numbers.next(UserId{0});
    EXPECT_LE(first_number_at(clock.now()), number);
    EXPECT_GT(first_number_at(clock.now() + Milliseconds{1}), number);
    EXPECT_EQ(first_number_at(kOrderNumberEpoch - std::chrono::hours{1}), OrderNo{0});
}

TEST_F(OrderNumber, never_repeats_within_one_millisecond) {
    std::set<OrderNo> made;
    for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(made.insert(numbers.next(UserId{5})).second) << i;
}

TEST_F(OrderNumber, never_repeats_when_the_clock_goes_back) {
    std::set<OrderNo> made;
    for (int i = 0; i < 20'000; ++i) {
        clock.jump(Milliseconds{i % 7 == 0 ? -50 : 3});
        ASSERT_TRUE(made.insert(numbers.next(UserId{5})).second) << i;
    }
}

TEST_F(OrderNumber, never_goes_back_with_the_clock) {
    const OrderNo before = numbers.next(UserId{5});
    clock.jump(std::chrono::hours{-2});
    EXPECT_GE(time_of(numbers.next(UserId{5})), time_of(before));
}

TEST_F(OrderNumber, never_repeats_across_threads) {
    std::vector<std::vector<OrderNo>> made(4);
    std::vector<std::thread> threads;
    for (auto& mine : made) {
        threads.emplace_back([&] {
            for (int i = 0; i < 5000; ++i) mine.push_back(numbers.next(UserId{9}));
        });
    }
    for (std::thread& thread : threads) thread.join();
    std::set<OrderNo> all;
    for (const auto& mine : made) all.insert(mine.begin(), mine.end());
    EXPECT_EQ(all.size(), 20'000u);
}

TEST_F(OrderNumber, the_tail_does_not_tell_the_next_one) {
    std::set<std::int64_t> differences;
    OrderNo last = numbers.next(UserId{1});
    for (int i = 0; i < 100; ++i) {
        const OrderNo number = numbers.next(UserId{1});
        differences.insert(number.value() - last.value());
        last = number;
    }
    EXPECT_GT(differences.size(), 90u);
}

}  // namespace
}  // namespace doorbuster::orders
