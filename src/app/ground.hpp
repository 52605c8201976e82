#pragma once

#include "core/clock.hpp"
#include "core/random.hpp"
#include "ports/database.hpp"
#include "ports/metrics.hpp"
#include "runtime/config.hpp"

namespace doorbuster::app {

// Where everything rests that the parts are made from.
struct Ground {
    const runtime::Config& config;
    sql::Database& database;
    const Clock& clock;
    Random& random;
    metrics::Registry* metrics = nullptr;  // none when null
};

}  // namespace doorbuster::app
