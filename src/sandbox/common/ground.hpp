#pragma once

#include "core/random.hpp"
#include "ports/database.hpp"
#include "sandbox/common/faults.hpp"
#include "sandbox/common/options.hpp"

namespace doorbuster::sandbox {

// What both providers stand on. Everything outlives them.
struct Ground {
    sql::Database& database;
    const Clock& clock;
    Random& random;
    Faults& faults;
    LiveOptions& options;
};

}  // namespace doorbuster::sandbox
