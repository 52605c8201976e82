#include <cstdio>
#include <filesystem>

#include "app/backup.hpp"
#include "app/command.hpp"

namespace doorbuster::app {

void add_backup(CLI::App& cli, Action& chosen) {
    auto* command = cli.add_subcommand(
        "backup",
        "Copy the database, pictures and keys into a new folder, also while the server runs"
    );
    auto target = std::make_shared<std::string>();
    command->add_option("folder", *target, "where to; must not exist yet")->required();
    command->callback([&chosen, target] {
        chosen = [target](const CommonOptions& common) {
            back_up(common.load(), *target);
            std::printf("Backed up to %s\n", target->c_str());
            return 0;
        };
    });
}

void add_restore(CLI::App& cli, Action& chosen) {
    auto* command =
        cli.add_subcommand("restore", "Fill an empty data folder or database from a backup");
    auto source = std::make_shared<std::string>();
    command->add_option("folder", *source, "a folder made by `doorbuster backup`")->required();
    command->callback([&chosen, source] {
        chosen = [source](const CommonOptions& common) {
            restore(*source, common.load());
            std::printf("Restored from %s\n", source->c_str());
            return 0;
        };
    });
}

}  // namespace doorbuster::app
