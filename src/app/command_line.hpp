#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/command.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

// The command line, built on CLI11 behind a face of its own: CLI11 is all headers and would cost
// every command that includes it five seconds of compiling.
namespace doorbuster::app {

// What a value on the command line must be; each returns the same word.
class Word {
public:
    explicit Word(CLI::Option& option) : option_{&option} {}

    Word& required();
    Word& one_of(const std::vector<std::string>& values);
    template <std::integral Number>
    Word& within(Number least, Number most) {
        return within_whole(static_cast<std::int64_t>(least), static_cast<std::int64_t>(most));
    }
    Word& within(double least, double most);
    Word& existing_file();
    // `complaint` of the text is empty when it will do. `form` stands in the help.
    Word& valid(std::function<std::string(const std::string&)> complaint, const char* form);
    // Several values in one word, with commas between.
    Word& comma_separated();
    // What stands in the help for the value …
    Word& shown_as(const char* form);
    // … with what it is when not given.
    Word& shows_default();
    // May be set by this variable, too.
    Word& from_environment(const char* variable);

private:
    Word& within_whole(std::int64_t least, std::int64_t most);

    CLI::Option* option_;
};

// A command and the words it takes. Variables must live until its action has run. Copies are the
// same command.
class CommandLine {
public:
    // The chosen command puts its action into `chosen`.
    CommandLine(CLI::App& app, Action& chosen) : app_{&app}, chosen_{&chosen} {}

    CommandLine command(const char* name, const char* help);
    // It does nothing by itself: one of its commands must be named.
    void needs_command();
    void does(Action action);

    // "--name", or a word that stands without a name. Values: std::string, std::vector of them
    // (may be repeated), int, std::int64_t, std::uint64_t, double and
    // std::optional<std::string>.
    template <class Value>
    Word option(const char* name, Value& value, const char* help = "");
    void flag(const char* name, bool& value, const char* help);
    // The other way round: the word takes away what is so without it.
    void flag_off(const char* name, bool& value);

private:
    CLI::App* app_;
    Action* chosen_;
};

}  // namespace doorbuster::app
