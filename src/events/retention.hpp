#pragma once

#include <chrono>
#include <cstdint>

#include "core/clock.hpp"
#include "ports/database.hpp"

namespace doorbuster::events {

struct Retention {
    std::chrono::hours keep{24 * 7};    // published events and what consumers remember of them
    std::int64_t step_rows_max = 1000;  // events in a transaction, so that none is long
    int steps_max = 10;                 // per call; the rest is left to the next one
};

// Deletes published events that are old, with the inbox rows of all consumers, and inbox rows of
// events that are gone. Returns how many rows went; zero when nothing is left to do. Looks by
// reading, so the writer only deletes, and rests nine times as long as it works. To be called every
// hour or so until it returns zero.
Task<std::int64_t> sweep(sql::Database& database, const Clock& clock, Retention retention = {});

}  // namespace doorbuster::events
