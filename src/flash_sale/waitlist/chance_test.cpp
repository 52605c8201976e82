#include "flash_sale/waitlist/chance.hpp"

#include <gtest/gtest.h>

namespace doorbuster::flash_sale {
namespace {

// A sale in which `share` percent of a hundred resolved units came back.
Outlook outlook(std::int64_t ahead, std::int64_t may_come_back, std::int64_t share) {
    return {
        .ahead = ahead, .may_come_back = may_come_back, .given_back = share, .paid = 100 - share};
}
int percent(const Outlook& of) { return chance_of(of).percent; }

TEST(Chance, is_none_when_fewer_units_may_come_back_than_users_wait) {
    EXPECT_EQ(percent(outlook(0, 0, 50)), 0);
    EXPECT_EQ(percent(outlook(5, 5, 50)), 0);
    EXPECT_EQ(chance_of(outlook(5, 5, 50)).words(), "none");
}

TEST(Chance, is_that_of_a_binomial_draw) {
    EXPECT_EQ(percent(outlook(0, 1, 50)), 50);   // one unit, one coin
    EXPECT_EQ(percent(outlook(0, 2, 50)), 75);   // 1 - 0.25
    EXPECT_EQ(percent(outlook(1, 2, 50)), 25);   // both
    EXPECT_EQ(percent(outlook(0, 10, 10)), 65);  // 1 - 0.9^10 = 0.6513
    EXPECT_EQ(percent(outlook(2, 10, 20)), 32);  // P(X >= 3) = 0.3222
    EXPECT_EQ(percent(outlook(2, 4, 90)), 95);   // P(X >= 3) = 0.9477
}

TEST(Chance, agrees_with_the_normal_curve_where_it_is_used) {
    // 1,000 units, a tenth comes back: mean 100, deviation 9.49.
    EXPECT_EQ(percent(outlook(99, 1'000, 10)), 52);   // P(X >= 100) = 0.5154
    EXPECT_EQ(percent(outlook(109, 1'000, 10)), 16);  // P(X >= 110) = 0.1606
    EXPECT_EQ(percent(outlook(89, 1'000, 10)), 87);   // P(X >= 90) = 0.8669
}

TEST(Chance, is_never_certain_while_units_are_out) {
    EXPECT_EQ(percent(outlook(0, 1'000'000'000, 50)), 99);
    EXPECT_EQ(percent(outlook(0, 10, 100)), 99);
    EXPECT_EQ(percent(outlook(0, 10, 0)), 1);
    EXPECT_EQ(percent(outlook(9'999, 10'000, 1)), 1);
}

TEST(Chance, falls_with_every_user_ahead_and_rises_with_every_unit_out) {
    for (std::int64_t ahead = 0; ahead < 40; ++ahead) {
        EXPECT_GE(percent(outlook(ahead, 300, 10)), percent(outlook(ahead + 1, 300, 10)));
    }
    for (std::int64_t units = 1; units < 600; ++units) {
        EXPECT_LE(percent(outlook(10, units, 10)), percent(outlook(10, units + 1, 10)));
    }
}

TEST(Chance, says_when_it_rests_on_too_few_orders) {
    const Chance guessed =
        chance_of({.ahead = 0, .may_come_back = 10, .given_back = 9, .paid = 10});
    EXPECT_FALSE(guessed.measured);
    EXPECT_EQ(guessed.share_percent, Chance::kPriorPercent);
    EXPECT_EQ(guessed.percent, 65);
    const Chance seen = chance_of({.ahead = 0, .may_come_back = 10, .given_back = 10, .paid = 10});
    EXPECT_TRUE(seen.measured);
    EXPECT_EQ(seen.share_percent, 50);
}

TEST(Chance, has_words_for_every_percent) {
    const auto words = [](int of_hundred) { return Chance{of_hundred, 0, true}.words(); };
    EXPECT_EQ(words(1), "slim");
    EXPECT_EQ(words(10), "low");
    EXPECT_EQ(words(40), "fair");
    EXPECT_EQ(words(74), "fair");
    EXPECT_EQ(words(99), "good");
}

}  // namespace
}  // namespace doorbuster::flash_sale
