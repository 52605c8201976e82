#pragma once

#include <optional>
#include <vector>

#include "app/watched_backlogs.hpp"
#include "ports/database.hpp"
#include "ports/metrics.hpp"

namespace doorbuster::app {

// What waits for the outside or for a person, as gauges and as alarms: nothing else tells of an
// order that stays `closing` because its provider is away. docs/operating has the alarms.
class BacklogGauges {
public:
    BacklogGauges(sql::Database& database, const Clock& clock, metrics::Registry& registry);

    // Reads the backlogs in one snapshot and sets the gauges. An alarm is logged when it begins
    // (`alarm.raised`) and when it ends (`alarm.ended`), not while it lasts. For the scheduler, one
    // call at a time; never wants to run again at once.
    Task<bool> measure();

private:
    struct Watch {
        const WatchedBacklog& backlog;
        metrics::Gauge& count;
        metrics::Gauge& oldest_seconds;  // 0 when nothing waits
        metrics::Gauge& alarm;           // 1 while it is raised
        std::optional<Time> raised_at;

        void show(const Backlog& found, Time now);
    };
    static Watch watch(metrics::Registry& registry, const WatchedBacklog& backlog);

    sql::Database& database_;
    const Clock& clock_;
    metrics::Gauge& measured_at_;  // in seconds since 1970; the gauges are as old as that
    std::vector<Watch> watches_;
};

}  // namespace doorbuster::app
