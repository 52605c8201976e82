#include "app/open_database.hpp"

#include <filesystem>

#include "adapters/postgres/postgres_database.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "app/command_error.hpp"
#include "resources/resources.hpp"
#include "runtime/data_folder.hpp"
#include "runtime/migrator.hpp"

namespace doorbuster::app {

namespace {

// A server cuts long reads short, because they keep the WAL from being reused and others waiting. A
// command that looks at everything, as the audit does, may take its time.
constexpr Milliseconds kCommandReadMax = std::chrono::minutes{30};

std::filesystem::path database_file(const runtime::Config& config) {
    return std::filesystem::path{config.data} / "doorbuster.db";
}

sqlite::SqliteOptions sqlite_options(const runtime::Config& config, const DatabaseAccess& access) {
    sqlite::SqliteOptions options;
    options.file = database_file(config);
    options.reader_count = static_cast<int>(config.database_readers);
    options.write_queue.jobs_max = static_cast<std::size_t>(config.database_queue_max);
    options.on_fatal = access.on_fatal;
    options.clock = &access.clock;
    options.metrics = access.metrics;
    return options;
}

postgres::PostgresOptions postgres_options(
    const runtime::Config& config, const DatabaseAccess& access
) {
    postgres::PostgresOptions options;
    options.conninfo = config.database_url.reveal();
    options.writer_count = static_cast<int>(config.database_connections);
    options.reader_count = static_cast<int>(config.database_readers);
    options.write_queue.jobs_max = static_cast<std::size_t>(config.database_queue_max);
    options.clock = &access.clock;
    options.metrics = access.metrics;
    return options;
}

std::vector<runtime::Migration> embedded_migrations() {
    std::vector<runtime::Migration> migrations;
    for (const resources::File& file : resources::files()) {
        const std::filesystem::path path{file.path};
        if (path.parent_path() == "migrations" && path.extension() == ".sql") {
            migrations.push_back({path.stem().string(), std::string{file.content}});
        }
    }
    return migrations;
}

}  // namespace

std::unique_ptr<sql::Database> open_database(
    const runtime::Config& config, const DatabaseAccess& access
) {
    if (!config.database_url.empty()) {
        return std::make_unique<postgres::PostgresDatabase>(postgres_options(config, access));
    }
    return std::make_unique<sqlite::SqliteDatabase>(sqlite_options(config, access));
}

std::unique_ptr<sql::Database> open_for_reading(const runtime::Config& config, const Clock& clock) {
    std::unique_ptr<sql::Database> database;
    if (!config.database_url.empty()) {
        auto options = postgres_options(config, {clock});
        options.read_statement_max = kCommandReadMax;
        database = std::make_unique<postgres::PostgresDatabase>(options);
    } else if (std::filesystem::exists(database_file(config))) {
        auto options = sqlite_options(config, {clock});
        options.read_max = kCommandReadMax;
        database = sqlite::SqliteDatabase::open_read_only(std::move(options));
    } else {
        throw CommandError{
            "there is no database in " + config.data +
            ". Start `doorbuster serve` once, or name the folder with --data."};
    }
    require_current_schema(*database);
    return database;
}

int migrate(sql::Database& database, const Clock& clock) {
    return static_cast<int>(
        runtime::Migrator{database, clock, embedded_migrations()}.migrate().size()
    );
}

void require_current_schema(sql::Database& database) {
    const SystemClock clock;
    const auto missing = runtime::Migrator{database, clock, embedded_migrations()}.pending();
    if (!missing.empty()) {
        throw CommandError{
            "the database lacks " + std::to_string(missing.size()) + " migrations, first " +
            missing.front() + ". Run `doorbuster migrate`."};
    }
}

}  // namespace doorbuster::app
