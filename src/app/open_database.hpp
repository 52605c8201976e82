#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ports/database.hpp"
#include "ports/metrics.hpp"
#include "runtime/config.hpp"

namespace doorbuster::app {

struct DatabaseAccess {
    const Clock& clock;
    metrics::Registry* metrics = nullptr;
    // Called once with one line when the embedded database can no longer be written.
    std::function<void(const std::string&)> on_fatal = {};
};

// The database that the settings name, for reading and writing. With the embedded one the caller
// holds the data folder.
std::unique_ptr<sql::Database> open_database(
    const runtime::Config& config, const DatabaseAccess& access
);

// For looking only; works while a server writes. Throws CommandError when there is none yet.
std::unique_ptr<sql::Database> open_for_reading(const runtime::Config& config, const Clock& clock);

// Brings the schema up to date; returns how many migrations ran.
int migrate(sql::Database& database, const Clock& clock);
// Throws CommandError when migrations are missing or the schema is newer than this program.
void require_current_schema(sql::Database& database);

}  // namespace doorbuster::app
