#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "core/ids.hpp"

// Structured log lines. A line is an event name and fields, not a sentence with values inside, so
// that both a person and a machine can read it. Secrets have no conversion to a field.
namespace doorbuster::log {

enum class Level { debug, info, warn, error };

struct Field {
    std::string_view name;
    std::string value;
    bool number = false;

    Field(std::string_view n, std::string_view v) : name{n}, value{v} {}
    Field(std::string_view n, const std::string& v) : name{n}, value{v} {}
    Field(std::string_view n, const char* v) : name{n}, value{v} {}
    template <std::integral I>
    Field(std::string_view n, I v) : name{n}, value{std::to_string(v)}, number{true} {}
    template <class Tag>
    Field(std::string_view n, Id<Tag> id) : name{n}, value{id.to_string()} {}
};

// Where lines go. runtime/ installs one; without it, lines are dropped. Thread-safe.
class Sink {
public:
    virtual ~Sink() = default;
    virtual bool wants(Level level) const = 0;
    virtual void write(
        Level level, std::string_view event, std::initializer_list<Field> fields
    ) = 0;
};

// Not while other threads log.
void install(Sink* sink);

void debug(std::string_view event, std::initializer_list<Field> fields = {});
void info(std::string_view event, std::initializer_list<Field> fields = {});
void warn(std::string_view event, std::initializer_list<Field> fields = {});
void error(std::string_view event, std::initializer_list<Field> fields = {});

}  // namespace doorbuster::log
