#pragma once

#include <chrono>
#include <cstdint>

#include "core/clock.hpp"
#include "ports/database.hpp"

namespace doorbuster::events {

struct Retention {
    std::chrono::hours keep{24 * 7};    // published events and what consumers remember of them
    std::int64_t step_rows_max = 1000;  // per transaction, so that none is long
    int steps_max = 50;                 // per call; the rest is left to the next one
};

// Deletes published events, then inbox rows of events that are gone. Returns how many rows went.
// To be called every hour or so.
Task<std::int64_t> sweep(sql::Database& database, const Clock& clock, Retention retention = {});

}  // namespace doorbuster::events
