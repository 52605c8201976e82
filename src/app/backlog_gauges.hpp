#pragma once

#include "ports/backlog.hpp"
#include "ports/database.hpp"
#include "ports/metrics.hpp"

namespace doorbuster::app {

// What waits for the outside or for a person, as gauges that an alarm can watch: nothing else tells
// of an order that stays `closing` because its provider is away. docs/operating has the alarms.
class BacklogGauges {
public:
    BacklogGauges(sql::Database& database, const Clock& clock, metrics::Registry& registry);

    // Reads the backlogs in one snapshot and sets the gauges. For the scheduler; never wants to run
    // again at once.
    Task<bool> measure();

private:
    struct Gauges {
        metrics::Gauge& count;
        metrics::Gauge& oldest_seconds;  // 0 when nothing waits
        void show(const Backlog& backlog, Time now) const;
    };
    static Gauges gauges(
        metrics::Registry& registry, const std::string& name, const std::string& what
    );

    sql::Database& database_;
    const Clock& clock_;
    const Gauges orders_closing_;
    const Gauges outbox_unpublished_;
    const Gauges payments_refund_due_;
    const Gauges refunds_under_way_;
    const Gauges refunds_for_a_person_;
    const Gauges reconciliation_open_;
};

}  // namespace doorbuster::app
