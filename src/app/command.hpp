#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/config.hpp"

namespace doorbuster::app {

// The words that every command takes: where its settings come from.
struct CommonOptions {
    std::optional<std::string> config_file;
    std::optional<std::string> data;
    std::vector<std::string> set;  // key=value

    // Throws runtime::ConfigError.
    runtime::Config load() const;
};

// What the chosen command does; its return value is the exit code.
using Action = std::function<int(const CommonOptions&)>;

class CommandLine;  // command_line.hpp
// Each adds one command.
void add_serve(CommandLine cli);
void add_migrate(CommandLine cli);
void add_import(CommandLine cli);
void add_export(CommandLine cli);
void add_audit(CommandLine cli);
void add_backup(CommandLine cli);
void add_restore(CommandLine cli);
void add_user(CommandLine cli);
void add_app_key(CommandLine cli);
void add_rehearse(CommandLine cli);
void add_sandbox(CommandLine cli);
void add_pay(CommandLine cli);
void add_reconcile(CommandLine cli);
void add_config(CommandLine cli);
void add_version(CommandLine cli);

}  // namespace doorbuster::app
