#include <cstdio>
#include <optional>

#include "app/command_line.hpp"
#include "app/open_database.hpp"
#include "runtime/data_folder.hpp"

namespace doorbuster::app {

namespace {

int run_migrate(const CommonOptions& common) {
    const runtime::Config config = common.load();
    const SystemClock clock;
    std::optional<runtime::DataFolder> folder;
    if (config.database_url.empty()) folder.emplace(config.data);
    const auto database = open_database(config, {clock});
    const int count = migrate(*database, clock);
    std::printf("%d migration%s applied; the schema is current\n", count, count == 1 ? "" : "s");
    return 0;
}

}  // namespace

void add_migrate(CommandLine cli) {
    CommandLine command = cli.command("migrate", "Bring the database schema up to date");
    command.does(run_migrate);
}

}  // namespace doorbuster::app
