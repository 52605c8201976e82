#include "app/cli.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "app/command_line.hpp"

namespace doorbuster::app {

namespace {

void add_common(CommandLine cli, CommonOptions& common) {
    cli.option("--config", common.config_file, "TOML file with settings")
        .from_environment("DOORBUSTER_CONFIG")
        .existing_file();
    cli.option("--data", common.data, "data folder (setting `data`)");
    cli.option("--set", common.set, "a setting, as key=value; may be repeated")
        .shown_as("KEY=VALUE");
}

int report(const char* prefix, const std::string& reason, int code) {
    std::fprintf(stderr, "doorbuster: %s%s\n", prefix, reason.c_str());
    return code;
}

int act(const Action& action, const CommonOptions& common) {
    try {
        return action(common);
    } catch (const runtime::ConfigError& error) {
        return report("configuration: ", error.what(), 2);
    } catch (const std::exception& error) {
        return report("", error.what(), 1);
    }
}

}  // namespace

runtime::Config CommonOptions::load() const {
    std::vector<std::pair<std::string, std::string>> flags;
    for (const std::string& item : set) {
        const std::size_t equals = item.find('=');
        if (equals == std::string::npos) {
            throw runtime::ConfigError{"flag: --set " + item + ": write it as key=value"};
        }
        flags.emplace_back(item.substr(0, equals), item.substr(equals + 1));
    }
    if (data) flags.emplace_back("data", *data);
    return runtime::load_config(config_file, runtime::process_environment(), flags);
}

int run(int argc, char** argv) {
    CLI::App app{"Doorbuster: a shop and its payments in one program", "doorbuster"};
    app.fallthrough();  // words of every command stand also after its name
    CommonOptions common;
    Action chosen;
    CommandLine cli{app, chosen};
    add_common(cli, common);
    cli.needs_command();
    for (const auto add :
         {add_serve,
          add_migrate,
          add_import,
          add_export,
          add_audit,
          add_backup,
          add_restore,
          add_user,
          add_app_key,
          add_rehearse,
          add_sandbox,
          add_pay,
          add_reconcile,
          add_config,
          add_version}) {
        add(cli);
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return code == 0 ? 0 : 2;
    }
    return act(chosen, common);
}

}  // namespace doorbuster::app
