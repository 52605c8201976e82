#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/clock.hpp"

namespace doorbuster::events {

struct PaceOptions {
    // So many events a second, left behind by whatever process, are a shop that has better to do
    // than to tell of them at once.
    double busy_per_second = 1'000;
    // Of the time, for telling, while the shop is busy …
    double share = 0.1;
    // … growing to the whole with the age of what is told, so that no backlog lasts for ever.
    Milliseconds lag_max{30'000};
    Milliseconds rest_max{500};
};

// How long a relay rests between two batches of ordinary events. No I/O; one loop uses it.
class Pace {
public:
    using SteadyTime = std::chrono::steady_clock::time_point;

    explicit Pace(PaceOptions options) : options_{options} {}

    // At `at`, the newest event had this id. Ids are given out by counting.
    void see(SteadyTime at, std::int64_t newest_id);
    bool busy() const { return busy_; }

    // After a batch that took so long and whose oldest event is so old. Zero unless busy.
    Milliseconds rest_after(Milliseconds took, Milliseconds age) const;

private:
    struct Sight {
        SteadyTime at;
        std::int64_t newest_id = 0;
    };

    const PaceOptions options_;
    std::optional<Sight> last_;
    bool busy_ = false;
};

}  // namespace doorbuster::events
