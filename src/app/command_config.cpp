#include <cstdio>

#include "app/command.hpp"
#include "app/version.hpp"

namespace doorbuster::app {

void add_config(CLI::App& cli, Action& chosen) {
    auto* command =
        cli.add_subcommand("config", "Print the effective settings, or an example file");
    auto example = std::make_shared<bool>(false);
    command->add_flag("--example", *example, "every key with its default and its meaning");
    command->callback([&chosen, example] {
        chosen = [example](const CommonOptions& common) {
            const std::string text =
                *example ? runtime::example_config() : runtime::describe(common.load());
            std::fputs(text.c_str(), stdout);
            return 0;
        };
    });
}

void add_version(CLI::App& cli, Action& chosen) {
    auto* command = cli.add_subcommand("version", "Print the version");
    command->callback([&chosen] {
        chosen = [](const CommonOptions&) {
            std::printf("doorbuster %s\n", kVersion);
            return 0;
        };
    });
}

}  // namespace doorbuster::app
