#include "accounts/attempt_limits.hpp"

#include <gtest/gtest.h>

#include "support/manual_clock.hpp"

namespace doorbuster::accounts {
namespace {

using std::chrono::seconds;

constexpr Rate kThree{3, seconds{10}};

TEST(Buckets, hold_a_burst_and_refill_one_at_a_time) {
    Buckets buckets{10};
    Buckets::Instant now{};
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(buckets.take("a", kThree, now));
    EXPECT_EQ(buckets.take("a", kThree, now), seconds{10});
    now += seconds{4};
    EXPECT_EQ(buckets.take("a", kThree, now), seconds{6});
    now += seconds{6};
    EXPECT_FALSE(buckets.take("a", kThree, now));
    EXPECT_EQ(buckets.take("a", kThree, now), seconds{10});
    EXPECT_FALSE(buckets.take("b", kThree, now));
}

TEST(Buckets, are_no_fuller_than_full_after_a_long_time) {
    Buckets buckets{10};
    Buckets::Instant now{};
    EXPECT_FALSE(buckets.take("a", kThree, now));
    now += std::chrono::hours{100};
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(buckets.take("a", kThree, now));
    EXPECT_TRUE(buckets.take("a", kThree, now));
}

TEST(Buckets, take_back_an_attempt) {
    Buckets buckets{10};
    const Buckets::Instant now{};
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(buckets.take("a", kThree, now));
    buckets.give("a", kThree);
    EXPECT_FALSE(buckets.take("a", kThree, now));
    EXPECT_TRUE(buckets.take("a", kThree, now));
}

TEST(Buckets, forget_the_longest_unused_when_there_are_too_many) {
    Buckets buckets{2};
    const Buckets::Instant now{};
    const Rate once{1, seconds{10}};
    EXPECT_FALSE(buckets.take("a", once, now));
    EXPECT_FALSE(buckets.take("b", once, now));
    EXPECT_FALSE(buckets.take("c", once, now));
    EXPECT_EQ(buckets.size(), 2u);
    EXPECT_TRUE(buckets.take("b", once, now));
    EXPECT_TRUE(buckets.take("c", once, now));
    EXPECT_FALSE(buckets.take("a", once, now));
}

class AttemptLimitsTest : public testing::Test {
protected:
    test::ManualClock clock_;
    AttemptSettings settings_{
        .account_from_address = {2, seconds{60}},
        .address = {4, seconds{5}},
        .account = {6, seconds{10}},
        .registrations_from_address = {2, seconds{30}},
        .password_changes = {1, seconds{30}},
        .entries_max = 100};
    AttemptLimits limits_{clock_, settings_};
};

TEST_F(AttemptLimitsTest, stop_guessing_on_one_account) {
    EXPECT_FALSE(limits_.begin_login("bob", "192.0.2.1"));
    EXPECT_FALSE(limits_.begin_login("bob", "192.0.2.1"));
    EXPECT_EQ(limits_.begin_login("bob", "192.0.2.1"), seconds{60});
    EXPECT_FALSE(limits_.begin_login("bob", "192.0.2.2"));
    clock_.advance(seconds{60});
    EXPECT_FALSE(limits_.begin_login("bob", "192.0.2.1"));
}

TEST_F(AttemptLimitsTest, stop_one_address_from_trying_many_accounts) {
    for (const char* name : {"a", "b", "c", "d"}) {
        EXPECT_FALSE(limits_.begin_login(name, "2001:db8::1"));
    }
    EXPECT_EQ(limits_.begin_login("e", "2001:db8::2"), seconds{5});
    EXPECT_FALSE(limits_.begin_login("e", "2001:db8:0:1::2"));
}

TEST_F(AttemptLimitsTest, do_not_count_successes) {
    for (int i = 0; i < 50; ++i) {
        EXPECT_FALSE(limits_.begin_login("bob", "192.0.2.1"));
        EXPECT_FALSE(limits_.begin_login_from_elsewhere("bob"));
        limits_.login_succeeded("bob", "192.0.2.1", true);
    }
}

TEST_F(AttemptLimitsTest, let_no_single_address_keep_the_owner_out) {
    // The attacker tries as often as it is let; the owner comes from a new address now and then.
    int owner_refused = 0;
    for (int second = 0; second < 3600; ++second) {
        if (!limits_.begin_login("bob", "192.0.2.66")) limits_.begin_login_from_elsewhere("bob");
        if (second % 600 == 599 && limits_.begin_login_from_elsewhere("bob")) ++owner_refused;
        clock_.advance(seconds{1});
    }
    EXPECT_EQ(owner_refused, 0);
}

TEST_F(AttemptLimitsTest, end_when_an_attack_from_many_addresses_ends) {
    for (int i = 0; i < 50; ++i) {
        if (!limits_.begin_login("bob", "198.51.100." + std::to_string(i))) {
            limits_.begin_login_from_elsewhere("bob");
        }
    }
    const auto wait = limits_.begin_login_from_elsewhere("bob");
    ASSERT_TRUE(wait.has_value());
    EXPECT_LE(*wait, seconds{10});
    clock_.advance(*wait);
    EXPECT_FALSE(limits_.begin_login_from_elsewhere("bob"));
}

TEST_F(AttemptLimitsTest, bound_registrations_and_password_changes) {
    EXPECT_FALSE(limits_.begin_registration("192.0.2.1"));
    EXPECT_FALSE(limits_.begin_registration("192.0.2.1"));
    EXPECT_TRUE(limits_.begin_registration("192.0.2.1"));
    EXPECT_FALSE(limits_.begin_password_change(7));
    EXPECT_TRUE(limits_.begin_password_change(7));
    EXPECT_FALSE(limits_.begin_password_change(8));
    limits_.password_change_succeeded(7);
    EXPECT_FALSE(limits_.begin_password_change(7));
}

TEST(AddressGroup, is_an_ipv4_address_or_half_an_ipv6_address) {
    EXPECT_EQ(address_group("192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(address_group("::ffff:192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(address_group("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    EXPECT_EQ(address_group("2001:db8:1:2::9"), address_group("2001:db8:1:2:ffff::1"));
    EXPECT_EQ(address_group("unix"), "unix");
    EXPECT_EQ(address_group(""), "");
}

}  // namespace
}  // namespace doorbuster::accounts
