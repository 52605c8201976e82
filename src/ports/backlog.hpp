#pragma once

#include <cstdint>
#include <optional>

#include "core/clock.hpp"

namespace doorbuster {

// Work that waits for something.
struct Backlog {
    static constexpr std::int64_t kCountMax = 100'000;

    std::int64_t count = 0;      // counted no further than kCountMax
    std::optional<Time> oldest;  // since when the oldest of it waits
};

}  // namespace doorbuster
