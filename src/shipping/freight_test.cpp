#include "shipping/freight.hpp"

#include <gtest/gtest.h>

namespace doorbuster::shipping {
namespace {

TEST(Freight, costs_its_flat_fee_below_the_limit) {
    const FreightRule rule{Money::fen(1000), Money::fen(9900)};
    EXPECT_EQ(freight_for(rule, Money::fen(1)), Money::fen(1000));
    EXPECT_EQ(freight_for(rule, Money::fen(9899)), Money::fen(1000));
}

TEST(Freight, is_free_from_the_limit_on) {
    const FreightRule rule{Money::fen(1000), Money::fen(9900)};
    EXPECT_EQ(freight_for(rule, Money::fen(9900)), Money::fen(0));
    EXPECT_EQ(freight_for(rule, Money::fen(1'000'000)), Money::fen(0));
}

TEST(Freight, always_costs_its_fee_when_there_is_no_limit) {
    const FreightRule rule{Money::fen(1000), std::nullopt};
    EXPECT_EQ(freight_for(rule, Money::fen(0)), Money::fen(1000));
    EXPECT_EQ(freight_for(rule, Money::fen(1'000'000'000)), Money::fen(1000));
}

TEST(Freight, may_be_free_altogether) {
    EXPECT_EQ(freight_for({Money{}, std::nullopt}, Money::fen(5)), Money{});
    EXPECT_EQ(freight_for({Money::fen(1000), Money{}}, Money{}), Money{});
}

}  // namespace
}  // namespace doorbuster::shipping
