#include "app/money_jobs.hpp"

namespace doorbuster::app {

void MoneyJobs::add_to(runtime::Scheduler& scheduler, std::chrono::milliseconds look_every) const {
    payments.on_due(scheduler.every("payments.ask", look_every, [&worker = payment_worker] {
        return worker.run_once();
    }));
    refunds.on_due(scheduler.every("refunds.ask", look_every, [&worker = refund_worker] {
        return worker.run_once();
    }));
}

}  // namespace doorbuster::app
