#include "app/shop.hpp"

#include "app/alarm_routes.hpp"
#include "app/money_jobs.hpp"
#include "app/settings_of.hpp"
#include "bookkeeping/book_routes.hpp"
#include "cart/guest.hpp"
#include "events/retention.hpp"
#include "idempotency/idempotency.hpp"
#include "orders/payment_consumer.hpp"

namespace doorbuster::app {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kSweepRows = 1000;
constexpr auto kKeepIdempotencyKeys = std::chrono::hours{24 * 7};
constexpr auto kKeepGuestCarts = std::chrono::hours{24 * 30};

// A job that removes old rows, at most kSweepRows a step; `sweep(tx)` tells how many went.
template <class Sweep>
runtime::Scheduler::Job sweeping(sql::Database& database, Sweep sweep) {
    return [&database, sweep]() -> Task<bool> {
        const std::int64_t gone = co_await database.write(sweep);
        co_return gone == kSweepRows;
    };
}

}  // namespace

void Shop::CartMerger::logged_in(
    sql::Transaction& tx, const http::Request& request, const accounts::User& user
) {
    cart::merge_guest_cart(tx, carts_, request, user.id);
}

Shop::Shop(const Ground& ground, Providers providers, HttpClient& http)
    : ground_{ground},
      office_{ground},
      outbox_{ground.clock},
      subscriptions_{bus_, ground.database, ground.clock},
      relay_{ground.database, bus_, ground.clock},
      addresses_{ground.clock},
      carts_{ground.clock},
      cart_merger_{carts_},
      payments_{
          ground.database, ground.clock, ground.random, outbox_, std::move(providers.payments)},
      payment_worker_{ground.database, ground.clock, payments_},
      refunds_{ground.database, ground.clock, outbox_, std::move(providers.refunds)},
      refund_worker_{ground.database, ground.clock, refunds_},
      reconciler_{
          {ground.database,
           ground.clock,
           payments_,
           refunds_,
           std::move(providers.bills),
           bills_folder(ground.config)}},
      order_numbers_{ground.clock, ground.random},
      orders_{
          {office_.stock(),
           carts_,
           addresses_,
           outbox_,
           office_.audit(),
           payments_,
           refunds_,
           order_numbers_,
           ground.clock},
          order_settings(ground.config)},
      gate_{ground.clock},
      flash_sale_{
          {ground.database,
           ground.clock,
           gate_,
           office_.stock(),
           addresses_,
           orders_,
           ground.metrics},
          flash_sale_settings(ground.config)},
      flash_shoppers_{
          flash_sale_,
          captcha_painter_,
          ground.clock,
          ground.random,
          shopper_settings(ground.config)},
      flash_waiting_{flash_sale_, flash_shoppers_, ground.database, office_.stock(), ground.clock},
      rehearsals_{
          {ground.config,
           ground.database,
           ground.clock,
           ground.random,
           office_.accounts(),
           addresses_,
           office_.stock(),
           flash_sale_}},
      order_jobs_{ground.database, orders_, ground.clock},
      webhooks_{ground.database, ground.clock, ground.random},
      delivery_worker_{ground.database, ground.clock, http, delivery_options(ground.config)},
      address_deps_{ground.database, ground.clock, addresses_},
      cart_deps_{ground.database, carts_, ground.clock, ground.random},
      order_deps_{ground.database, orders_, payments_, ground.clock},
      promotion_deps_{
          ground.database,
          flash_sale_.promotions,
          flash_sale_.loader,
          gate_,
          flash_sale_.meter,
          flash_sale_.sale_clock,
          ground.clock},
      webhook_deps_{ground.database, ground.clock, webhooks_},
      doubt_deps_{ground.database, office_.audit(), ground.clock},
      refund_deps_{ground.database, refunds_, office_.audit(), ground.clock},
      reconciliation_deps_{ground.database, reconciler_, office_.audit()} {
    if (ground.metrics) backlog_gauges_.emplace(ground.database, ground.clock, *ground.metrics);
    office_.accounts().login_listeners.push_back(&cart_merger_);
    outbox_.on_append([this](events::Urgency urgency) { relay_.wake(urgency); });
    orders_.set_promoted_units(flash_sale_.promoted);
    office_.show_promotions(flash_shoppers_.views);
    payments_.on_refund_notice([this](PaymentId payment, const ProviderRefund& told) {
        return refunds_.noticed(payment, told);
    });
    orders::listen_to_payments(subscriptions_, orders_);
    webhooks_.on_due([this] { delivery_worker_.wake(); });
    webhooks_.subscribe(subscriptions_);
}

void Shop::load() { flash_sale_.loader.reload_blocking(); }

http::Routes Shop::routes() {
    http::Routes shop;
    http::Routes pay;
    if (ground_.config.has_role("shop")) {
        shop = http::joined(
            {office_.routes(),
             shipping::address_routes(address_deps_),
             cart::cart_routes(cart_deps_),
             orders::order_routes(order_deps_),
             orders::staff_order_routes(order_deps_),
             orders::checkout_routes(order_deps_),
             flash_sale::staff_promotion_routes(promotion_deps_),
             flash_shoppers_.routes(),
             flash_waiting_.routes(),
             webhooks::webhook_routes(webhook_deps_)}
        );
    }
    if (ground_.config.has_role("pay")) {
        pay = http::joined(
            {payments::payment_routes(payments_),
             payments::doubt_routes(doubt_deps_),
             alarm_routes(ground_.database, ground_.clock),
             refunds::refund_routes(refund_deps_),
             reconciliation::reconciliation_routes(reconciliation_deps_),
             bookkeeping::book_routes(ground_.database)}
        );
    }
    return http::joined({std::move(shop), std::move(pay)});
}

http::Routes Shop::local_routes() {
    return http::joined(
        {office_.local_routes(),
         rehearsals_.routes(),
         reconciliation::local_reconciliation_routes(reconciliation_deps_)}
    );
}

void Shop::add_serving_jobs(runtime::Scheduler& scheduler) {
    // What other processes have changed, and what the gate may have missed.
    scheduler.every("flash_sale.reload", 3s, [this]() -> Task<bool> {
        co_await flash_sale_.loader.reload();
        co_return false;
    });
    scheduler.every("flash_sale.leases", 1s, [this]() -> Task<bool> {
        flash_sale_.gate.sweep();
        co_return false;
    });
    scheduler.every("flash_sale.clock", 1s, [this]() -> Task<bool> {
        flash_sale_.clock_watch.look();
        co_return false;
    });
    scheduler.every("flash_sale.events", flash_sale::ItemEvents::kLookEvery, [this] {
        return flash_waiting_.events.look();
    });
}

void Shop::add_jobs(runtime::Scheduler& scheduler) {
    sql::Database& database = ground_.database;
    const Clock& clock = ground_.clock;
    scheduler.every("orders.expire", 1s, [this] { return order_jobs_.expire_unpaid(); });
    scheduler.every("orders.complete", 1min, [this] { return order_jobs_.complete_shipped(); });
    scheduler.every("flash_sale.end", 1s, [this] { return flash_sale_.promotion_jobs.end_due(); });
    scheduler.every("flash_sale.offers", 1s, [this] { return flash_waiting_.job.pass_due(); });
    MoneyJobs{payments_, payment_worker_, refunds_, refund_worker_}.add_to(scheduler, 1s);
    scheduler.every("bills.reconcile", 1min, [this] { return reconciler_.run_due(); });
    if (backlog_gauges_) {
        scheduler.every("backlogs.measure", 15s, [this] { return backlog_gauges_->measure(); });
    }
    scheduler.every("sessions.sweep", 10min, sweeping(database, [this](sql::Transaction& tx) {
                        return office_.accounts().sessions.sweep(tx, kSweepRows);
                    }));
    scheduler.every("carts.sweep", 1h, sweeping(database, [this, &clock](sql::Transaction& tx) {
                        return carts_.sweep_guests(tx, clock.now() - kKeepGuestCarts, kSweepRows);
                    }));
    scheduler.every("idempotency.sweep", 10min, sweeping(database, [&clock](sql::Transaction& tx) {
                        return idempotency::forget(
                            tx, clock.now() - kKeepIdempotencyKeys, kSweepRows
                        );
                    }));
    scheduler.every("webhooks.sweep", 1h, [this]() -> Task<bool> {
        co_await webhooks_.sweep();
        co_return false;
    });
    const events::Retention retention{
        .keep = std::chrono::hours{24 * ground_.config.events_keep_days}};
    scheduler.every("events.sweep", 1h, [&database, &clock, retention]() -> Task<bool> {
        const std::int64_t gone = co_await events::sweep(database, clock, retention);
        co_return gone > 0;
    });
}

}  // namespace doorbuster::app
