#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/config.hpp"

namespace doorbuster::app {

// A command cannot go on; the message is one line that says what to do.
class CommandError final : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

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

// Each adds one command to the command line; the chosen one puts its action into `chosen`.
void add_serve(CLI::App& cli, Action& chosen);
void add_migrate(CLI::App& cli, Action& chosen);
void add_import(CLI::App& cli, Action& chosen);
void add_export(CLI::App& cli, Action& chosen);
void add_audit(CLI::App& cli, Action& chosen);
void add_backup(CLI::App& cli, Action& chosen);
void add_restore(CLI::App& cli, Action& chosen);
void add_user(CLI::App& cli, Action& chosen);
void add_rehearse(CLI::App& cli, Action& chosen);
void add_sandbox(CLI::App& cli, Action& chosen);
void add_pay(CLI::App& cli, Action& chosen);
void add_reconcile(CLI::App& cli, Action& chosen);
void add_config(CLI::App& cli, Action& chosen);
void add_version(CLI::App& cli, Action& chosen);

}  // namespace doorbuster::app
