#pragma once

#include <string_view>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "ports/sql.hpp"

// What each consumer has already dealt with, so that a repeated delivery has no second effect.
namespace doorbuster::events {

// True when `consumer` meets the event for the first time; the work belongs in the same
// transaction. A concurrent delivery of the same event waits here for the first one's end.
bool claim(sql::Transaction& tx, std::string_view consumer, EventId event, Time now);

}  // namespace doorbuster::events
