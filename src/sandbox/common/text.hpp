#pragma once

#include <boost/json/string_view.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "sandbox/common/books.hpp"

// Times and texts as the providers write them. Both live in Beijing's time, UTC+8 all year.
namespace doorbuster::sandbox {

inline boost::json::string_view json_view(std::string_view text) {
    return {text.data(), text.size()};
}

std::string beijing_text(Time time);     // 2026-11-23 16:00:00
std::string beijing_rfc3339(Time time);  // 2026-11-23T16:00:00+08:00
std::string beijing_day(Time time);      // 2026-11-23
std::optional<Time> from_beijing_text(std::string_view text);

// The span of a day written yyyy-MM-dd, or nothing.
std::optional<DaySpan> beijing_day_span(std::string_view text);
// The hour of the day in Beijing.
int beijing_hour(Time time);

// "2026-11-23" as "20261123".
std::string without_dashes(std::string_view day);

// The beginning of a UTF-8 text, whole characters of at most so many bytes; empty when it is no
// UTF-8.
std::string_view beginning_of(std::string_view text, std::size_t bytes_max);

// UTF-8 to GB18030, of which GBK is a part; what cannot be converted becomes a question mark.
std::string to_gbk(std::string_view utf8);

}  // namespace doorbuster::sandbox
