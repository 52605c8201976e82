#include <gtest/gtest.h>

#include <cstdio>

#include "simulation/world.hpp"

// A test of the test: whatever the engine would do wrong, some world finds it.
namespace doorbuster::simulation {
namespace {

constexpr std::uint64_t kSeedsMax = 1000;

struct Planted {
    Bug bug;
    const char* name;
};

void PrintTo(const Planted& planted, std::ostream* out) { *out << planted.name; }

class PlantedBugs : public testing::TestWithParam<Planted> {};

TEST_P(PlantedBugs, are_found) {
    for (std::uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
        const Outcome outcome = run_world({.seed = seed, .bug = GetParam().bug});
        if (!outcome.broken) continue;
        const auto seeds = static_cast<int>(seed);
        std::printf(
            "%s: found after %d seeds: %s\n", GetParam().name, seeds, outcome.broken->c_str()
        );
        RecordProperty("seeds", seeds);
        // The same world without the bug is whole.
        EXPECT_EQ(run_world({.seed = seed}).broken.value_or(""), "");
        return;
    }
    FAIL() << GetParam().name << " was not found in " << kSeedsMax << " seeds";
}

#define PLANTED(bug) \
    Planted { Bug::bug, #bug }

const Planted kAll[] = {
    PLANTED(answers_before_commit),
    PLANTED(answers_mixed_up),
    PLANTED(claim_stays),
    PLANTED(door_without_limit),
    PLANTED(double_release),
    PLANTED(doubt_told_as_refusal),
    PLANTED(epoch_not_checked),
    PLANTED(freed_units_not_offered),
    PLANTED(lease_lost_on_refusal),
    PLANTED(limit_not_checked_at_commit),
    PLANTED(offer_stays_open),
    PLANTED(offered_units_not_kept),
    PLANTED(offers_out_of_order),
    PLANTED(old_nonce_still_good),
    PLANTED(retry_not_looked_up),
    PLANTED(retry_unknown_after_restart),
    PLANTED(sold_out_for_ever),
    PLANTED(twins_not_awaited),
    PLANTED(units_not_returned_at_end),
    PLANTED(unknown_commit_taken_as_failure),
    PLANTED(wall_clock_believed),
    PLANTED(window_not_checked_at_commit)};

std::string name_of(const testing::TestParamInfo<Planted>& planted) { return planted.param.name; }
INSTANTIATE_TEST_SUITE_P(each, PlantedBugs, testing::ValuesIn(kAll), name_of);

TEST(PlantedBugs, are_all_in_the_list) {
    EXPECT_EQ(std::size(kAll), static_cast<std::size_t>(Bug::count) - 1);
}

}  // namespace
}  // namespace doorbuster::simulation
