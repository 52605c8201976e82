#include "core/money.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>

namespace doorbuster {
namespace {

TEST(Money, reads_yuan_text_by_digits) {
    EXPECT_EQ(Money::from_yuan("0.10"), Money::fen(10));
    EXPECT_EQ(Money::from_yuan("0.1"), Money::fen(10));
    EXPECT_EQ(Money::from_yuan("20"), Money::fen(2000));
    EXPECT_EQ(Money::from_yuan("88.88"), Money::fen(8888));
    EXPECT_EQ(Money::from_yuan("1.2300"), Money::fen(123));
    EXPECT_EQ(
        Money::from_yuan("92233720368547758.07"),
        Money::fen(std::numeric_limits<std::int64_t>::max())
    );
}

TEST(Money, refuses_what_is_not_plain_yuan_text) {
    for (const char* text :
         {"",
          ".",
          "1.",
          ".5",
          "-1",
          "+1",
          "1e2",
          " 1",
          "1 ",
          "1,000",
          "0.001",
          "1.2.3",
          "92233720368547758.08",
          "99999999999999999999",
          "NaN",
          "１"}) {
        EXPECT_FALSE(Money::from_yuan(text)) << text;
    }
}

TEST(Money, writes_yuan_with_two_decimals) {
    EXPECT_EQ(Money::fen(0).to_yuan(), "0.00");
    EXPECT_EQ(Money::fen(10).to_yuan(), "0.10");
    EXPECT_EQ(Money::fen(2000).to_yuan(), "20.00");
    EXPECT_EQ(Money::fen(-5).to_yuan(), "-0.05");
    EXPECT_EQ(
        Money::fen(std::numeric_limits<std::int64_t>::min()).to_yuan(), "-92233720368547758.08"
    );
}

TEST(Money, splitting_conserves_the_sum) {
    const auto parts = Money::fen(1000).split({1, 1, 1});
    EXPECT_EQ(parts, (std::vector{Money::fen(334), Money::fen(333), Money::fen(333)}));
    for (std::int64_t whole : {0, 1, 7, 99, 12345}) {
        const auto split = Money::fen(whole).split({3, 0, 5, 11});
        const auto sum = std::accumulate(split.begin(), split.end(), Money{});
        EXPECT_EQ(sum, Money::fen(whole));
        EXPECT_EQ(split[1], Money{});
    }
    EXPECT_EQ(Money::fen(5).split({0, 0}).front(), Money::fen(5));
}

TEST(MoneyDeathTest, overflow_ends_the_process) {
    const Money most = Money::fen(std::numeric_limits<std::int64_t>::max());
    EXPECT_DEATH((void)(most + Money::fen(1)), "broken invariant");
    EXPECT_DEATH((void)(most * 2), "broken invariant");
}

}  // namespace
}  // namespace doorbuster
