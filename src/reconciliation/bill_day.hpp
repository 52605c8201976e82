#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"

// Days as both providers' bills count them: in Beijing, which has no summer time.
namespace doorbuster::reconciliation {

using BillDay = std::chrono::year_month_day;

BillDay day_of(Time time);
Time begin_of(BillDay day);
Time end_of(BillDay day);
BillDay next(BillDay day);
BillDay previous(BillDay day);
// Bills of a day are made from nine o'clock of the next one on; we ask from ten.
Time ready_at(BillDay day);

// "2026-11-22", and nothing else.
std::optional<BillDay> day_from(std::string_view text);
std::string to_string(BillDay day);

}  // namespace doorbuster::reconciliation
