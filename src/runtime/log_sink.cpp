#include "runtime/log_sink.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>

namespace doorbuster::runtime {

namespace {

std::string_view word_of(log::Level level) {
    static constexpr std::array<std::string_view, 4> kWords = {"debug", "info", "warn", "error"};
    return kWords[static_cast<std::size_t>(level)];
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
            out += escaped;
        } else {
            out += c;
        }
    }
    out += '"';
}

// Values come from outside too: a line feed in one must not begin a line that looks like ours.
void append_human_value(std::string& out, std::string_view text) {
    const auto needs_quotes = [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\\' || c == '=';
    };
    bool plain = !text.empty();
    for (const char c : text) plain = plain && !needs_quotes(c);
    if (plain) {
        out += text;
    } else {
        append_quoted(out, text);
    }
}

class SpdlogSink final : public log::Sink {
public:
    SpdlogSink(LogFormat format, log::Level least, const Clock& clock)
        : format_{format}, least_{least}, clock_{clock} {
        out_.set_pattern("%v");
    }

    bool wants(log::Level level) const override { return level >= least_; }

    void write(log::Level level, std::string_view event, std::initializer_list<log::Field> fields)
        override {
        const std::string line = render_line(format_, clock_.now(), level, event, fields);
        out_.log(spdlog::details::log_msg{"", spdlog::level::info, line});
    }

private:
    LogFormat format_;
    log::Level least_;
    const Clock& clock_;
    spdlog::sinks::stderr_sink_mt out_;
};

std::string json_line(
    Time at, log::Level level, std::string_view event, std::initializer_list<log::Field> fields
) {
    std::string line = "{\"at\":\"" + to_rfc3339(at) + "\",\"level\":\"";
    line += word_of(level);
    line += "\",\"event\":";
    append_quoted(line, event);
    for (const log::Field& field : fields) {
        line += ',';
        append_quoted(line, field.name);
        line += ':';
        if (field.number) {
            line += field.value;
        } else {
            append_quoted(line, field.value);
        }
    }
    return line + '}';
}

}  // namespace

std::string render_line(
    LogFormat format,
    Time at,
    log::Level level,
    std::string_view event,
    std::initializer_list<log::Field> fields
) {
    if (format == LogFormat::json) return json_line(at, level, event, fields);
    std::string line = to_rfc3339(at) + ' ';
    line += word_of(level);
    line.append(6 - word_of(level).size(), ' ');
    line += event;
    for (const log::Field& field : fields) {
        line += "  ";
        line += field.name;
        line += '=';
        append_human_value(line, field.value);
    }
    return line;
}

std::unique_ptr<log::Sink> make_log_sink(LogFormat format, log::Level least, const Clock& clock) {
    return std::make_unique<SpdlogSink>(format, least, clock);
}

LogFormat log_format_of(const std::string& word) {
    if (word == "json") return LogFormat::json;
    if (word == "human") return LogFormat::human;
    return ::isatty(STDERR_FILENO) ? LogFormat::human : LogFormat::json;
}

log::Level log_level_of(const std::string& word) {
    if (word == "debug") return log::Level::debug;
    if (word == "warn") return log::Level::warn;
    if (word == "error") return log::Level::error;
    return log::Level::info;
}

}  // namespace doorbuster::runtime
