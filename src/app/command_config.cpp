#include <cstdio>
#include <memory>

#include "app/command_line.hpp"
#include "app/version.hpp"

namespace doorbuster::app {

void add_config(CommandLine cli) {
    CommandLine command = cli.command("config", "Print the effective settings, or an example file");
    auto example = std::make_shared<bool>(false);
    command.flag("--example", *example, "every key with its default and its meaning");
    command.does([example](const CommonOptions& common) {
        const std::string text =
            *example ? runtime::example_config() : runtime::describe(common.load());
        std::fputs(text.c_str(), stdout);
        return 0;
    });
}

void add_version(CommandLine cli) {
    CommandLine command = cli.command("version", "Print the version");
    command.does([](const CommonOptions&) {
        std::printf("doorbuster %s\n", kVersion);
        return 0;
    });
}

}  // namespace doorbuster::app
