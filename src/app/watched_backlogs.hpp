#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "ports/backlog.hpp"
#include "ports/sql.hpp"

namespace doorbuster::app {

// Something that waits for the outside or for a person, and for how long that is nobody's business.
struct WatchedBacklog {
    std::string_view name;  // of the alarm, and of the metric doorbuster_<name>
    std::string_view what;  // for people
    Milliseconds patience;  // an alarm is raised when the oldest has waited for longer
    std::string_view see;   // where staff finds what waits, or the log event that tells of it
    Backlog (*read)(sql::Reader& reader, Time now);

    Milliseconds age(const Backlog& backlog, Time now) const;
    bool is_alarming(const Backlog& backlog, Time now) const;
};

// The one list: gauges, alarms, the route for staff and the Prometheus rules are made of it.
std::span<const WatchedBacklog> watched_backlogs();

// All of them in one snapshot, in that order. Each is one query that reads no further than
// Backlog::kCountMax entries of an index.
std::vector<Backlog> read_backlogs(sql::Reader& reader, Time now);

}  // namespace doorbuster::app
