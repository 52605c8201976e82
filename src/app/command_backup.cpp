#include <cstdio>
#include <filesystem>
#include <memory>

#include "app/backup.hpp"
#include "app/command_line.hpp"

namespace doorbuster::app {

void add_backup(CommandLine cli) {
    CommandLine command = cli.command(
        "backup",
        "Copy the database, pictures and keys into a new folder, also while the server runs"
    );
    auto target = std::make_shared<std::string>();
    command.option("folder", *target, "where to; must not exist yet").required();
    command.does([target](const CommonOptions& common) {
        back_up(common.load(), *target);
        std::printf("Backed up to %s\n", target->c_str());
        return 0;
    });
}

void add_restore(CommandLine cli) {
    CommandLine command =
        cli.command("restore", "Fill an empty data folder or database from a backup");
    auto source = std::make_shared<std::string>();
    command.option("folder", *source, "a folder made by `doorbuster backup`").required();
    command.does([source](const CommonOptions& common) {
        restore(*source, common.load());
        std::printf("Restored from %s\n", source->c_str());
        return 0;
    });
}

}  // namespace doorbuster::app
