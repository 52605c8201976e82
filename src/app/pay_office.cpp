#include "app/pay_office.hpp"

#include "app/alarm_routes.hpp"
#include "app/money_jobs.hpp"
#include "app/settings_of.hpp"
#include "bookkeeping/book_routes.hpp"

namespace doorbuster::app {

using namespace std::chrono_literals;

PayOffice::PayOffice(
    const Ground& ground, Providers providers, Messages& messages, const events::AuditLog& audit
)
    : ground_{ground},
      payments_{
          ground.database,
          ground.clock,
          ground.random,
          messages.outbox(),
          std::move(providers.payments)},
      payment_worker_{ground.database, ground.clock, payments_},
      refunds_{ground.database, ground.clock, messages.outbox(), std::move(providers.refunds)},
      refund_worker_{ground.database, ground.clock, refunds_},
      reconciler_{
          {ground.database,
           ground.clock,
           payments_,
           refunds_,
           std::move(providers.bills),
           bills_folder(ground.config)}},
      apps_{ground.database, ground.clock, ground.random, audit, messages.app_endpoints()},
      notifier_{messages.app_endpoints(), refunds_},
      doubt_deps_{ground.database, audit, ground.clock},
      refund_deps_{ground.database, refunds_, audit, ground.clock},
      reconciliation_deps_{ground.database, reconciler_, audit},
      pay_deps_{ground.database, ground.clock, payments_, refunds_},
      app_deps_{ground.database, ground.clock, apps_} {
    payments_.on_refund_notice(refunds_);
    payments_.on_return(apps_);
    notifier_.subscribe(messages.subscriptions());
}

http::Routes PayOffice::routes() {
    return http::joined(
        {payments::payment_routes(payments_),
         payments::refund_notification_routes(payments_, "wechat_pay"),
         payments::doubt_routes(doubt_deps_),
         alarm_routes(ground_.database, ground_.clock),
         refunds::refund_routes(refund_deps_),
         reconciliation::reconciliation_routes(reconciliation_deps_),
         bookkeeping::book_routes(ground_.database),
         pay_api::app_payment_routes(pay_deps_),
         pay_api::app_refund_routes(pay_deps_),
         pay_api::app_routes(app_deps_)}
    );
}

http::Routes PayOffice::local_routes() {
    return http::joined(
        {reconciliation::local_reconciliation_routes(reconciliation_deps_),
         pay_api::local_app_routes(app_deps_)}
    );
}

void PayOffice::add_jobs(runtime::Scheduler& scheduler) {
    MoneyJobs{payments_, payment_worker_, refunds_, refund_worker_}.add_to(scheduler, 1s);
    scheduler.every("bills.reconcile", 1min, [this] { return reconciler_.run_due(); });
}

}  // namespace doorbuster::app
