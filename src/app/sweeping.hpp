#pragma once

#include <cstdint>

#include "ports/database.hpp"
#include "runtime/scheduler.hpp"

namespace doorbuster::app {

inline constexpr std::int64_t kSweepRows = 1000;

// A job that removes old rows, at most kSweepRows a step; `sweep(tx)` tells how many went.
template <class Sweep>
runtime::Scheduler::Job sweeping(sql::Database& database, Sweep sweep) {
    return [&database, sweep]() -> Task<bool> {
        const std::int64_t gone = co_await database.write(sweep);
        co_return gone == kSweepRows;
    };
}

}  // namespace doorbuster::app
