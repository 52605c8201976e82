#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"

// Alipay writes times in Beijing (UTC+8 all year) and does not say so in the text.
namespace doorbuster::alipay {

// "2026-11-22 10:05:02", to the second.
std::string to_beijing_time(Time time);
// The same, or with milliseconds: "2026-11-22 10:05:02.320". Nothing for anything else.
std::optional<Time> from_beijing_time(std::string_view text);
// "2026-11-22".
std::string to_text(std::chrono::year_month_day day);

}  // namespace doorbuster::alipay
