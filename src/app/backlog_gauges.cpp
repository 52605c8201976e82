#include "app/backlog_gauges.hpp"

#include <algorithm>

#include "events/outbox.hpp"
#include "orders/order_queries.hpp"
#include "payments/payment_store.hpp"
#include "reconciliation/run_store.hpp"
#include "refunds/refund_store.hpp"

namespace doorbuster::app {

namespace {

struct Backlogs {
    Backlog orders_closing;
    Backlog outbox_unpublished;
    Backlog payments_refund_due;
    Backlog refunds_under_way;
    Backlog refunds_for_a_person;
    Backlog reconciliation_open;
};

}  // namespace

BacklogGauges::BacklogGauges(
    sql::Database& database, const Clock& clock, metrics::Registry& registry
)
    : database_{database},
      clock_{clock},
      orders_closing_{
          gauges(registry, "orders_closing", "Orders given up, waiting for the payment side")},
      outbox_unpublished_{gauges(registry, "outbox_unpublished", "Events not yet told")},
      payments_refund_due_{
          gauges(registry, "payments_refund_due", "Payments to be given back to their payers")},
      refunds_under_way_{gauges(registry, "refunds_under_way", "Refunds not yet known to be made")},
      refunds_for_a_person_{
          gauges(registry, "refunds_for_a_person", "Refunds that wait for a person")},
      reconciliation_open_{
          gauges(registry, "reconciliation_open", "Differences from providers' bills that wait")} {}

BacklogGauges::Gauges BacklogGauges::gauges(
    metrics::Registry& registry, const std::string& name, const std::string& what
) {
    const std::string full = "doorbuster_" + name;
    return {
        registry.gauge(full, what),
        registry.gauge(full + "_oldest_seconds", what + ": age of the oldest")};
}

void BacklogGauges::Gauges::show(const Backlog& backlog, Time now) const {
    const Milliseconds age = backlog.oldest ? now - *backlog.oldest : Milliseconds{0};
    count.set(static_cast<double>(backlog.count));
    oldest_seconds.set(std::max(0.0, static_cast<double>(age.count()) / 1000));
}

Task<bool> BacklogGauges::measure() {
    const auto read = [](sql::Reader& reader) {
        return Backlogs{
            orders::closing_orders(reader),
            events::unpublished(reader),
            payments::store::refunds_due(reader),
            refunds::store::under_way(reader),
            refunds::store::waiting(reader),
            reconciliation::store::waiting(reader)};
    };
    const Backlogs found = co_await database_.read(read);
    const Time now = clock_.now();
    orders_closing_.show(found.orders_closing, now);
    outbox_unpublished_.show(found.outbox_unpublished, now);
    payments_refund_due_.show(found.payments_refund_due, now);
    refunds_under_way_.show(found.refunds_under_way, now);
    refunds_for_a_person_.show(found.refunds_for_a_person, now);
    reconciliation_open_.show(found.reconciliation_open, now);
    co_return false;
}

}  // namespace doorbuster::app
