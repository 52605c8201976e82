#pragma once

#include <memory>
#include <string>

#include "core/clock.hpp"
#include "ports/log.hpp"

namespace doorbuster::runtime {

enum class LogFormat { human, json };

// One line of the log, without its line feed.
std::string render_line(
    LogFormat format,
    Time at,
    log::Level level,
    std::string_view event,
    std::initializer_list<log::Field> fields
);

// Writes lines to standard error, whole and in order, from any thread.
std::unique_ptr<log::Sink> make_log_sink(LogFormat format, log::Level least, const Clock& clock);

LogFormat log_format_of(const std::string& word);  // "auto" looks at standard error
log::Level log_level_of(const std::string& word);

}  // namespace doorbuster::runtime
