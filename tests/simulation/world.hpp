#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/planted.hpp"

namespace doorbuster::simulation {

struct WorldOptions {
    std::uint64_t seed = 1;
    bool keep_trace = false;
    Bug bug = Bug::none;  // planted in the engine
    bool small = false;   // see make_small
    // Besides what the seed has in mind, the process is killed after this step.
    std::int64_t kill_at_step = -1;
};

// How a world has ended.
struct Outcome {
    std::uint64_t hash = 0;             // of everything that happened
    std::optional<std::string> broken;  // the first promise that was
    std::int64_t steps = 0;
    std::int64_t busy_steps = 0;  // of them before everyone has gone home
    std::int64_t crashes = 0;
    std::int64_t orders = 0;
    std::vector<std::string> trace;
    std::vector<std::pair<std::string, std::int64_t>> answers;
};

// Builds a world from its seed, lets it happen, and judges it.
Outcome run_world(const WorldOptions& options);

}  // namespace doorbuster::simulation
