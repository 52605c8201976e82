#pragma once

#include <vector>

#include "flash_sale/staff/promotion_draft.hpp"
#include "simulation/crowd.hpp"
#include "simulation/network.hpp"
#include "simulation/server.hpp"

namespace doorbuster::simulation {

// What a seed makes of a world: everything that is decided before it begins.
struct Plan {
    ServerSettings server;
    NetworkManner network;
    Crowd::Manner crowd;
    flash_sale::PromotionDraft sale;
    std::int64_t buyers = 8;
    std::int64_t crashes_max = 2;
    std::vector<Microseconds> kills;  // when, besides those in the middle of a job
    // Wall time is wrong by so much from a moment on, for a while.
    struct Jump {
        Microseconds at;
        Microseconds lasts;
        Milliseconds by;
    };
    std::vector<Jump> jumps;
    struct StaffStep {
        Microseconds pause;  // before it
        StaffAction action;
        std::int64_t units = 0;
        Milliseconds moves{0};
    };
    std::vector<StaffStep> staff;
    bool sells_out = false;              // in the end, when nothing goes wrong any more
    Microseconds look_every{1'500'000};  // the periodic jobs
};

Plan draw_plan(Dice& dice);
// A few buyers of a few units; nothing is planned to go wrong but messages and jobs.
void make_small(Plan& plan);

}  // namespace doorbuster::simulation
