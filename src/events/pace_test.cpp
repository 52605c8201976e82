#include "events/pace.hpp"

#include <gtest/gtest.h>

namespace doorbuster::events {
namespace {

using std::chrono::seconds;

constexpr Milliseconds kTook{10};
constexpr Milliseconds kFresh{0};

class PaceTest : public testing::Test {
protected:
    // So many more events, seen after some time.
    void see(std::int64_t more, Milliseconds after) {
        now_ += after;
        newest_ += more;
        pace_.see(now_, newest_);
    }

    Pace::SteadyTime now_{seconds{100}};
    std::int64_t newest_ = 5'000'000;
    Pace pace_{{}};
};

TEST_F(PaceTest, does_not_rest_in_a_shop_at_its_ease) {
    see(0, Milliseconds{0});
    EXPECT_EQ(pace_.rest_after(kTook, kFresh), Milliseconds{0});
    see(500, seconds{1});
    EXPECT_FALSE(pace_.busy());
    EXPECT_EQ(pace_.rest_after(kTook, kFresh), Milliseconds{0});
}

TEST_F(PaceTest, takes_a_tenth_of_the_time_of_a_busy_shop) {
    see(0, Milliseconds{0});
    see(2000, Milliseconds{100});
    EXPECT_TRUE(pace_.busy());
    EXPECT_EQ(pace_.rest_after(kTook, kFresh), 9 * kTook);
}

TEST_F(PaceTest, takes_more_the_older_the_events_are_and_all_of_the_time_in_the_end) {
    see(0, Milliseconds{0});
    see(2000, Milliseconds{100});
    Milliseconds rest = pace_.rest_after(kTook, kFresh);
    for (int age = 5; age < 30; age += 5) {
        const Milliseconds shorter = pace_.rest_after(kTook, seconds{age});
        EXPECT_LT(shorter, rest) << age;
        rest = shorter;
    }
    EXPECT_EQ(pace_.rest_after(kTook, seconds{30}), Milliseconds{0});
    EXPECT_EQ(pace_.rest_after(kTook, seconds{600}), Milliseconds{0});
}

TEST_F(PaceTest, never_rests_for_long) {
    see(0, Milliseconds{0});
    see(2000, Milliseconds{100});
    EXPECT_EQ(pace_.rest_after(seconds{20}, kFresh), PaceOptions{}.rest_max);
}

TEST_F(PaceTest, is_at_its_ease_again_as_soon_as_the_sale_is_over) {
    see(0, Milliseconds{0});
    see(2000, Milliseconds{100});
    see(0, Milliseconds{90});
    EXPECT_FALSE(pace_.busy());
}

TEST_F(PaceTest, does_not_judge_by_a_single_commit) {
    see(0, Milliseconds{0});
    see(200, Milliseconds{1});
    EXPECT_FALSE(pace_.busy());
    see(0, Milliseconds{999});
    EXPECT_FALSE(pace_.busy());
}

// A clock that jumped or ids that begin anew are no load.
TEST_F(PaceTest, takes_a_smaller_id_for_quiet) {
    see(0, Milliseconds{0});
    see(-1000, Milliseconds{100});
    EXPECT_FALSE(pace_.busy());
}

}  // namespace
}  // namespace doorbuster::events
