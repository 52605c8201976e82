#include "http/rate_limit.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "support/manual_clock.hpp"

namespace doorbuster::http {
namespace {

using namespace std::chrono_literals;

std::string header_of(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
        if (key == name) return value;
    }
    return {};
}

TEST(RateLimit, lets_a_burst_in_and_then_an_even_rate) {
    test::ManualClock clock;
    RateLimiter limiter{clock, "user", {3, 60s}};
    EXPECT_EQ(limiter.take(1).remaining, 2);
    EXPECT_EQ(limiter.take(1).remaining, 1);
    EXPECT_EQ(limiter.take(1).remaining, 0);
    const auto refused = limiter.take(1);
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.retry_after, 20s);
    EXPECT_EQ(refused.full_after, 60s);

    clock.advance(19'999ms);
    EXPECT_FALSE(limiter.take(1).allowed);
    EXPECT_EQ(limiter.take(1).retry_after, 1s);  // rounded up: earlier would be refused again
    clock.advance(1ms);
    EXPECT_TRUE(limiter.take(1).allowed);
    EXPECT_FALSE(limiter.take(1).allowed);

    clock.advance(10min);
    EXPECT_EQ(limiter.take(1).remaining, 2);  // no more than full
}

TEST(RateLimit, allows_what_its_policy_says_over_a_long_time) {
    test::ManualClock clock;
    RateLimiter limiter{clock, "user", {7, 1s}};  // 7 does not divide a second
    int allowed = 0;
    for (int step = 0; step < 100'000; ++step) {
        allowed += limiter.take(5).allowed ? 1 : 0;
        clock.advance(1ms);
    }
    EXPECT_GE(allowed, 700);
    EXPECT_LE(allowed, 707);
}

TEST(RateLimit, a_refusal_takes_nothing) {
    test::ManualClock clock;
    RateLimiter limiter{clock, "user", {1, 1s}};
    limiter.take(1);
    for (int i = 0; i < 1000; ++i) EXPECT_FALSE(limiter.take(1).allowed);
    clock.advance(1s);
    EXPECT_TRUE(limiter.take(1).allowed);
}

TEST(RateLimit, keys_have_buckets_of_their_own) {
    test::ManualClock clock;
    RateLimiter limiter{clock, "user", {1, 60s}};
    for (std::uint64_t key = 0; key < 1000; ++key) EXPECT_TRUE(limiter.take(key).allowed) << key;
    for (std::uint64_t key = 0; key < 1000; ++key) EXPECT_FALSE(limiter.take(key).allowed) << key;
}

TEST(RateLimit, wall_time_does_not_matter) {
    test::ManualClock clock;
    RateLimiter limiter{clock, "user", {1, 60s}};
    limiter.take(1);
    clock.jump(1h);
    EXPECT_FALSE(limiter.take(1).allowed);
    clock.jump(-2h);
    EXPECT_FALSE(limiter.take(1).allowed);
}

TEST(RateLimit, no_count_is_no_limit) {
    test::ManualClock clock;
    RateLimiter limiter{clock, "user", {0, 60s}};
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limiter.take(1).allowed);
    EXPECT_EQ(limiter.keys(), 0u);
    Response response;
    limiter.tell(response, limiter.take(1));
    EXPECT_TRUE(response.headers.empty());
}

TEST(RateLimit, tells_policy_and_rest) {
    test::ManualClock clock;
    RateLimiter limiter{clock, "address", {2, 90s}};
    Response response;
    limiter.tell(response, limiter.take(1));
    EXPECT_EQ(header_of(response, "RateLimit-Policy"), "\"address\";q=2;w=90");
    EXPECT_EQ(header_of(response, "RateLimit"), "\"address\";r=1;t=45");
    EXPECT_EQ(header_of(response, "Retry-After"), "");

    limiter.take(1);
    const Response refused = limiter.refuse(Request{}, limiter.take(1));
    EXPECT_EQ(refused.status, 429);
    EXPECT_NE(refused.body.find("\"rate_limited\""), std::string::npos);
    EXPECT_EQ(header_of(refused, "RateLimit-Policy"), "\"address\";q=2;w=90");
    EXPECT_EQ(header_of(refused, "RateLimit"), "\"address\";r=0;t=90");
    EXPECT_EQ(header_of(refused, "Retry-After"), "45");
}

TEST(RateLimit, forgets_the_keys_that_were_not_used_for_longest) {
    test::ManualClock clock;
    constexpr std::size_t kMax = 3200;
    RateLimiter limiter{clock, "address", {1, 1h}, kMax};
    constexpr std::uint64_t kBusy = 1'000'000'000;
    limiter.take(kBusy);
    for (std::uint64_t key = 0; key < 100'000; ++key) {
        limiter.take(key);
        EXPECT_LE(limiter.keys(), kMax);
        // Used all the time, so never forgotten.
        ASSERT_FALSE(limiter.take(kBusy).allowed) << key;
    }
    EXPECT_TRUE(limiter.take(0).allowed);  // forgotten long ago
    EXPECT_FALSE(limiter.take(99'999).allowed);
}

TEST(RateLimit, threads_together_get_no_more_than_one_would) {
    test::ManualClock clock;
    RateLimiter limiter{clock, "route", {1000, 60s}};
    std::atomic<int> allowed = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 1000; ++n) {
                if (limiter.take(7).allowed) ++allowed;
                limiter.take(static_cast<std::uint64_t>(n));
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_LE(allowed, 1000);
    EXPECT_GE(allowed, 1000 - 4);  // key 7 is also one of the others
}

TEST(RateLimit, one_client_is_one_key) {
    EXPECT_EQ(address_key("192.0.2.1"), address_key("::ffff:192.0.2.1"));
    EXPECT_EQ(address_key("2001:db8:1:2::1"), address_key("2001:db8:1:2:ffff::9"));
    const std::set<std::uint64_t> different{
        address_key("192.0.2.1"),
        address_key("192.0.2.2"),
        address_key("193.0.2.1"),
        address_key("2001:db8:1:2::1"),
        address_key("2001:db8:1:3::1"),
        address_key(""),
        address_key("unix")};
    EXPECT_EQ(different.size(), 7u);
}

}  // namespace
}  // namespace doorbuster::http
