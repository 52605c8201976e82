#pragma once

#include <vector>

#include "app/ground.hpp"
#include "app/messages.hpp"
#include "events/audit_log.hpp"
#include "pay_api/app_routes.hpp"
#include "pay_api/notifier.hpp"
#include "pay_api/pay_routes.hpp"
#include "payments/doubt_routes.hpp"
#include "payments/payment_routes.hpp"
#include "payments/payment_worker.hpp"
#include "reconciliation/reconciliation_routes.hpp"
#include "refunds/refund_routes.hpp"
#include "refunds/refund_worker.hpp"

namespace doorbuster::app {

// The payment side: payments, refunds, books and bills, and the API for order systems. Knows no
// order and no catalogue; a process with the role `pay` alone has this and nothing else to sell
// with.
class PayOffice {
public:
    struct Providers {
        std::vector<PaymentProvider*> payments;
        std::vector<RefundProvider*> refunds;
        std::vector<BillProvider*> bills;
    };
    PayOffice(
        const Ground& ground, Providers providers, Messages& messages, const events::AuditLog& audit
    );

    payments::PaymentService& payments() { return payments_; }
    refunds::RefundService& refunds() { return refunds_; }
    http::AppAuthenticator& apps() { return apps_; }

    // Role `pay`.
    http::Routes routes();
    // What commands ask over the admin socket.
    http::Routes local_routes();
    // Questions to the providers; role `worker`, before the first request, which may have work to
    // be done at once.
    void add_jobs(runtime::Scheduler& scheduler);

private:
    const Ground ground_;
    payments::PaymentService payments_;
    payments::PaymentWorker payment_worker_;
    refunds::RefundService refunds_;
    refunds::RefundWorker refund_worker_;
    reconciliation::Reconciler reconciler_;
    pay_api::AppService apps_;
    pay_api::Notifier notifier_;

    payments::DoubtRoutesDeps doubt_deps_;
    refunds::RefundRoutesDeps refund_deps_;
    reconciliation::ReconciliationRoutesDeps reconciliation_deps_;
    pay_api::PayRoutesDeps pay_deps_;
    pay_api::AppRoutesDeps app_deps_;
};

}  // namespace doorbuster::app
