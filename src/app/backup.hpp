#pragma once

#include <filesystem>

#include "runtime/config.hpp"

namespace doorbuster::app {

// Copies what a shop cannot be rebuilt without into a new folder (mode 0700: it holds keys):
//   doorbuster.db or postgres.dump   one snapshot of the database (the latter by pg_dump)
//   sandbox.db, media/, keys/        as they are in the data folder
//   MANIFEST                         SHA-256 and name of each file; written last, so that a folder
//                                    with a manifest is a whole backup
// Pictures never change once written, so copying them after the database misses none that it names.
// Works while the server runs. Throws CommandError.
void back_up(const runtime::Config& config, const std::filesystem::path& target);

// Checks the manifest, then fills a data folder that has no database yet, or an empty PostgreSQL
// database. Throws CommandError and leaves no database behind.
void restore(const std::filesystem::path& source, const runtime::Config& config);

}  // namespace doorbuster::app
