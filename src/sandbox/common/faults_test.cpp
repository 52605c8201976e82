#include "sandbox/common/faults.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace doorbuster::sandbox {
namespace {

using Point = Faults::Point;

TEST(Faults, strike_never_unless_told) {
    Faults faults{1};
    for (int i = 0; i < 1000; ++i) EXPECT_FALSE(faults.strikes(Point::drop_notification));
}

TEST(Faults, strike_always_at_probability_one_and_only_at_their_point) {
    Faults faults{1};
    faults.set(Point::bad_signature, 1);
    for (int i = 0; i < 1000; ++i) {
        EXPECT_TRUE(faults.strikes(Point::bad_signature));
        EXPECT_FALSE(faults.strikes(Point::wrong_amount));
    }
}

TEST(Faults, are_the_same_for_the_same_seed) {
    const auto sequence = [](std::uint64_t seed) {
        Faults faults{seed};
        faults.set(Point::server_error, 0.3);
        std::vector<bool> struck;
        for (int i = 0; i < 200; ++i) struck.push_back(faults.strikes(Point::server_error));
        return struck;
    };
    EXPECT_EQ(sequence(5), sequence(5));
    EXPECT_NE(sequence(5), sequence(6));
}

}  // namespace
}  // namespace doorbuster::sandbox
