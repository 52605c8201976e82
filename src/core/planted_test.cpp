#include "core/planted.hpp"

#include <gtest/gtest.h>

namespace doorbuster {
namespace {

TEST(Planted, bugs_are_no_part_of_the_product) {
    constexpr auto count = static_cast<int>(Bug::count);
    for (int bug = 0; bug < count; ++bug) EXPECT_FALSE(planted(static_cast<Bug>(bug)));
    static_assert(!planted(Bug::answers_before_commit), "a constant: nothing is compiled in");
}

}  // namespace
}  // namespace doorbuster
