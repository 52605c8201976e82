#include "app/watched_backlogs.hpp"

#include <algorithm>
#include <array>

#include "events/outbox.hpp"
#include "orders/order_queries.hpp"
#include "payments/doubts.hpp"
#include "payments/payment_store.hpp"
#include "reconciliation/run_store.hpp"
#include "refunds/refund_store.hpp"

namespace doorbuster::app {

namespace {

using namespace std::chrono_literals;

// A reader that does not ask for the time.
template <Backlog (*kRead)(sql::Reader&)>
Backlog now_or_ever(sql::Reader& reader, Time) {
    return kRead(reader);
}

constexpr std::array kWatched{
    WatchedBacklog{
        "orders_closing",
        "Orders given up, waiting for the payment side",
        10min,
        "log events payment_not_closed, payment_alarm",
        now_or_ever<orders::closing_orders>},
    WatchedBacklog{
        "outbox_unpublished",
        "Events not yet told",
        1min,
        "log events event_not_published, relay_failed",
        now_or_ever<events::unpublished>},
    WatchedBacklog{
        "payments_overdue",
        "Payments past their deadline, of which the provider has not said what became",
        10min,
        "GET /api/admin/v1/payments?state=closing",
        payments::store::overdue},
    WatchedBacklog{
        "payments_in_doubt",
        "Payments of which something is told that does not fit",
        0ms,
        "GET /api/admin/v1/payment-doubts?open=true",
        now_or_ever<payments::doubts_waiting>},
    WatchedBacklog{
        "payments_refund_due",
        "Payments to be given back to their payers",
        30min,
        "GET /api/admin/v1/payments?flag=refund_due",
        now_or_ever<payments::store::refunds_due>},
    WatchedBacklog{
        "refunds_under_way",
        "Refunds not yet known to be made",
        12h,
        "GET /api/admin/v1/refunds?status=processing",
        now_or_ever<refunds::store::under_way>},
    WatchedBacklog{
        "refunds_for_a_person",
        "Refunds that wait for a person",
        0ms,
        "GET /api/admin/v1/refunds?needs_person=true",
        now_or_ever<refunds::store::waiting>},
    WatchedBacklog{
        "reconciliation_open",
        "Differences from providers' bills that wait",
        0ms,
        "GET /api/admin/v1/reconciliations",
        now_or_ever<reconciliation::store::waiting>},
    WatchedBacklog{
        "reconciliation_failed",
        "Days whose bill could not be had or believed",
        6h,
        "GET /api/admin/v1/reconciliations",
        now_or_ever<reconciliation::store::failed>},
};

}  // namespace

Milliseconds WatchedBacklog::age(const Backlog& backlog, Time now) const {
    return backlog.oldest ? std::max(Milliseconds{0}, now - *backlog.oldest) : Milliseconds{0};
}

bool WatchedBacklog::is_alarming(const Backlog& backlog, Time now) const {
    if (backlog.count == 0) return false;
    return patience == 0ms || age(backlog, now) > patience;
}

std::span<const WatchedBacklog> watched_backlogs() { return kWatched; }

std::vector<Backlog> read_backlogs(sql::Reader& reader, Time now) {
    std::vector<Backlog> found;
    for (const WatchedBacklog& watched : kWatched) found.push_back(watched.read(reader, now));
    return found;
}

}  // namespace doorbuster::app
