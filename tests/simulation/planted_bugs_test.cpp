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
    std::string_view finding = {};  // what it must be found by; anything when empty
};

void PrintTo(const Planted& planted, std::ostream* out) { *out << planted.name; }

class PlantedBugs : public testing::TestWithParam<Planted> {};

TEST_P(PlantedBugs, are_found) {
    const Planted& planted = GetParam();
    for (std::uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
        const Outcome outcome = run_world({.seed = seed, .bug = planted.bug});
        if (!outcome.broken || outcome.broken->find(planted.finding) == std::string::npos) continue;
        const auto seeds = static_cast<int>(seed);
        std::printf("%s: found after %d seeds: %s\n", planted.name, seeds, outcome.broken->c_str());
        RecordProperty("seeds", seeds);
        // The same world without the bug is whole.
        EXPECT_EQ(run_world({.seed = seed}).broken.value_or(""), "");
        return;
    }
    FAIL() << planted.name << " was not found in " << kSeedsMax << " seeds";
}

#define PLANTED(bug) \
    Planted { Bug::bug, #bug }
// One that only refuses: the other promises do not know it, or not what comes of it.
#define PLANTED_TO_REFUSE(bug, finding) \
    Planted { Bug::bug, #bug, finding }

const Planted kAll[] = {
    PLANTED(answers_before_commit),
    PLANTED(answers_mixed_up),
    PLANTED(claim_stays),
    PLANTED(door_without_limit),
    PLANTED(double_release),
    PLANTED(doubt_not_settled),
    PLANTED(doubt_told_as_refusal),
    PLANTED(epoch_not_checked),
    PLANTED(freed_units_not_offered),
    PLANTED_TO_REFUSE(gate_not_reconciled, "cannot be bought"),
    PLANTED(lease_lost_on_refusal),
    PLANTED_TO_REFUSE(lease_stays_in_use, "cannot be bought"),
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
    PLANTED_TO_REFUSE(units_subtracted_twice, "was told sold out while"),
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
