#include "simulation/world.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <map>

#include "simulation/trace.hpp"

namespace doorbuster::simulation {
namespace {

TEST(World, one_seed_is_one_world) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const Outcome first = run_world({.seed = seed, .keep_trace = true});
        const Outcome again = run_world({.seed = seed, .keep_trace = true});
        EXPECT_EQ(first.trace, again.trace);
        EXPECT_EQ(first.hash, again.hash);
        EXPECT_NE(first.hash, run_world({.seed = seed + 1000}).hash);
    }
}

TEST(World, the_trace_costs_nothing_of_its_hash) {
    EXPECT_EQ(run_world({.seed = 3}).hash, run_world({.seed = 3, .keep_trace = true}).hash);
}

// The same world in another process, from another program.
TEST(World, one_seed_is_one_world_everywhere) {
    const std::string command = SIMULATE_PROGRAM " --first 11 --seeds 3 --hashes";
    FILE* const pipe = ::popen(command.c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    std::string told;
    std::array<char, 256> line{};
    while (std::fgets(line.data(), line.size(), pipe)) told += line.data();
    ASSERT_EQ(::pclose(pipe), 0) << told;
    for (std::uint64_t seed = 11; seed <= 13; ++seed) {
        const std::string hash = hex(run_world({.seed = seed}).hash);
        EXPECT_NE(told.find("seed " + std::to_string(seed) + " hash " + hash), told.npos) << told;
    }
}

// Small worlds, each killed one step later than the one before.
TEST(World, may_be_killed_at_every_step) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const Outcome whole = run_world({.seed = seed, .small = true});
        EXPECT_GT(whole.orders, 0);
        for (std::int64_t step = 1; step <= whole.busy_steps; ++step) {
            const Outcome killed = run_world({.seed = seed, .small = true, .kill_at_step = step});
            ASSERT_EQ(killed.broken.value_or(""), "") << "seed " << seed << ", step " << step;
        }
    }
}

// What happens in worlds at all: a simulation in which nobody buys proves nothing.
TEST(World, worlds_are_full_of_life) {
    std::map<std::string, std::int64_t> answers;
    std::int64_t crashes = 0;
    for (std::uint64_t seed = 1; seed <= 250; ++seed) {
        const Outcome outcome = run_world({.seed = seed});
        crashes += outcome.crashes;
        for (const auto& [what, count] : outcome.answers) answers[what] += count;
    }
    EXPECT_GT(crashes, 250);
    for (const char* what :
         {"order ok",
          "order again",
          "order sold_out",
          "order sale_busy",
          "order token_expired",
          "order limit_reached",
          "order sale_paused",
          "order sale_ended",
          "claim ok",
          "claim again",
          "claim no_offer",
          "join ok",
          "leave ok",
          "cancel ok",
          "payment_event ok",
          "token not_open",
          "token door_full",
          "token sold_out",
          "staff ok"}) {
        EXPECT_GT(answers[what], 0) << what;
    }
}

}  // namespace
}  // namespace doorbuster::simulation
