#pragma once

#include "events/subscriptions.hpp"
#include "refunds/refund_service.hpp"
#include "webhooks/endpoints.hpp"

namespace doorbuster::pay_api {

// Tells each app what became of its payments and refunds: payment.succeeded, payment.closed,
// payment.refund_due, refund.succeeded, refund.failed. And gives back at once what was paid to an
// app too late: nobody can keep it over HTTP. Thread-safe.
class Notifier {
public:
    Notifier(const webhooks::Endpoints& endpoints, const refunds::RefundService& refunds)
        : endpoints_{endpoints}, refunds_{refunds} {}

    void subscribe(events::Subscriptions& subscriptions) const;

private:
    void tell(sql::Transaction& tx, EventList events) const;
    void give_back(sql::Transaction& tx, const Event& event) const;

    const webhooks::Endpoints& endpoints_;
    const refunds::RefundService& refunds_;
};

}  // namespace doorbuster::pay_api
