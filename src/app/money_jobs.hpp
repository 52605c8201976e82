#pragma once

#include "payments/payment_worker.hpp"
#include "refunds/refund_worker.hpp"
#include "runtime/scheduler.hpp"

namespace doorbuster::app {

// Asks payment providers about payments and refunds that are due: looks every so often, and at once
// when something has become due at once, so that nobody waits for the next look.
struct MoneyJobs {
    payments::PaymentService& payments;
    payments::PaymentWorker& payment_worker;
    refunds::RefundService& refunds;
    refunds::RefundWorker& refund_worker;

    // Before either service is first used.
    void add_to(runtime::Scheduler& scheduler, std::chrono::milliseconds look_every) const;
};

}  // namespace doorbuster::app
