#pragma once

#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "ports/event_bus.hpp"
#include "ports/sql.hpp"

// What each consumer has already dealt with, so that a repeated delivery has no second effect.
namespace doorbuster::events {

// Those of the events that `consumer` meets for the first time, in their order; the work belongs in
// the same transaction. A concurrent delivery of the same event waits here for the first one's end.
std::vector<const Event*> claim(
    sql::Transaction& tx, std::string_view consumer, EventList events, Time now
);

}  // namespace doorbuster::events
