#include "app/command_line.hpp"

#include <CLI/CLI.hpp>
#include <optional>

namespace doorbuster::app {

Word& Word::required() {
    option_->required();
    return *this;
}

Word& Word::one_of(const std::vector<std::string>& values) {
    option_->check(CLI::IsMember(values));
    return *this;
}

Word& Word::within(double least, double most) {
    option_->check(CLI::Range{least, most});
    return *this;
}

Word& Word::within_whole(std::int64_t least, std::int64_t most) {
    option_->check(CLI::Range{least, most});
    return *this;
}

Word& Word::existing_file() {
    option_->check(CLI::ExistingFile);
    return *this;
}

Word& Word::valid(std::function<std::string(const std::string&)> complaint, const char* form) {
    const auto check = [complaint = std::move(complaint)](const std::string& text) {
        return complaint(text);
    };
    option_->check(CLI::Validator{check, form});
    return *this;
}

Word& Word::comma_separated() {
    option_->delimiter(',');
    return *this;
}

Word& Word::shown_as(const char* form) {
    option_->type_name(form);
    return *this;
}

Word& Word::shows_default() {
    option_->capture_default_str();
    return *this;
}

Word& Word::from_environment(const char* variable) {
    option_->envname(variable);
    return *this;
}

CommandLine CommandLine::command(const char* name, const char* help) {
    return CommandLine{*app_->add_subcommand(name, help), *chosen_};
}

void CommandLine::needs_command() { app_->require_subcommand(1); }

void CommandLine::does(Action action) {
    app_->callback([chosen = chosen_, action = std::move(action)] { *chosen = action; });
}

template <class Value>
Word CommandLine::option(const char* name, Value& value, const char* help) {
    return Word{*app_->add_option(name, value, help)};
}

template Word CommandLine::option(const char*, std::string&, const char*);
template Word CommandLine::option(const char*, std::optional<std::string>&, const char*);
template Word CommandLine::option(const char*, std::vector<std::string>&, const char*);
template Word CommandLine::option(const char*, int&, const char*);
template Word CommandLine::option(const char*, std::int64_t&, const char*);
template Word CommandLine::option(const char*, std::uint64_t&, const char*);
template Word CommandLine::option(const char*, double&, const char*);

void CommandLine::flag(const char* name, bool& value, const char* help) {
    app_->add_flag(name, value, help);
}

void CommandLine::flag_off(const char* name, bool& value) {
    app_->add_flag_callback(name, [&value] { value = false; });
}

}  // namespace doorbuster::app
