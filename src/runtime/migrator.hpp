#pragma once

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "ports/database.hpp"

namespace doorbuster::runtime {

// One step of the schema; see migrations/README.md for what the text may hold.
struct Migration {
    std::string name;  // "0001_foundation"
    std::string text;
};

// The database and this program do not fit together. The message is one line that says what to do.
class MigrationError final : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The migrations of a folder, in order of name. Throws MigrationError when there is none.
std::vector<Migration> read_migrations(const std::filesystem::path& folder);

// The text for one engine, with the words and sections of the other gone.
std::string render_migration(std::string_view text, sql::Dialect dialect);

// Brings a database to the schema that this program was built for. Blocks.
class Migrator {
public:
    // `migrations` in order of name.
    Migrator(sql::Database& database, const Clock& clock, std::vector<Migration> migrations);

    // Applies what is missing, each in its own transaction, and returns the names. Several
    // processes may do so at once. Throws MigrationError when an applied file has changed, when the
    // database is newer than this program, or when a migration fails; it then has left nothing
    // behind.
    std::vector<std::string> migrate();

    // What is missing, without changing anything. Throws like migrate.
    std::vector<std::string> pending();

private:
    struct Applied {
        std::string name;
        std::string hash;
    };
    std::vector<Applied> load_applied(sql::Reader& reader) const;
    // How many of ours were applied.
    std::size_t verify(const std::vector<Applied>& applied) const;
    // Applies the next one and returns its index; nothing when there is none.
    std::optional<std::size_t> apply_next(sql::Transaction& tx) const;

    sql::Database& database_;
    const Clock& clock_;
    std::vector<Migration> migrations_;
};

}  // namespace doorbuster::runtime
