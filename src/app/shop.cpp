#include "app/shop.hpp"

#include "app/settings_of.hpp"
#include "app/sweeping.hpp"
#include "cart/guest.hpp"
#include "idempotency/idempotency.hpp"
#include "orders/payment_consumer.hpp"

namespace doorbuster::app {

namespace {

using namespace std::chrono_literals;

constexpr auto kKeepIdempotencyKeys = std::chrono::hours{24 * 7};
constexpr auto kKeepGuestCarts = std::chrono::hours{24 * 30};

}  // namespace

void Shop::CartMerger::logged_in(
    sql::Transaction& tx, const http::Request& request, const accounts::User& user
) {
    cart::merge_guest_cart(tx, carts_, request, user.id);
}

Shop::Shop(
    const Ground& ground, accounts::Accounts& accounts, Messages& messages, PayOffice& payments
)
    : ground_{ground},
      messages_{messages},
      office_{ground, accounts},
      addresses_{ground.clock},
      carts_{ground.clock},
      cart_merger_{carts_},
      order_numbers_{ground.clock, ground.random},
      orders_{
          {office_.stock(),
           carts_,
           addresses_,
           messages.outbox(),
           office_.audit(),
           payments.payments(),
           payments.refunds(),
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
      address_deps_{ground.database, ground.clock, addresses_},
      cart_deps_{ground.database, carts_, ground.clock, ground.random},
      order_deps_{ground.database, orders_, payments.payments(), ground.clock},
      promotion_deps_{
          ground.database,
          flash_sale_.promotions,
          flash_sale_.loader,
          gate_,
          flash_sale_.meter,
          flash_sale_.sale_clock,
          ground.clock} {
    if (ground.metrics) backlog_gauges_.emplace(ground.database, ground.clock, *ground.metrics);
    office_.accounts().login_listeners.push_back(&cart_merger_);
    orders_.set_promoted_units(flash_sale_.promoted);
    office_.show_promotions(flash_shoppers_.views);
    orders::listen_to_payments(messages.subscriptions(), orders_);
}

void Shop::load() { flash_sale_.loader.reload_blocking(); }

http::Routes Shop::routes() {
    return http::joined(
        {office_.routes(),
         shipping::address_routes(address_deps_),
         cart::cart_routes(cart_deps_),
         orders::order_routes(order_deps_),
         orders::staff_order_routes(order_deps_),
         orders::checkout_routes(order_deps_),
         flash_sale::staff_promotion_routes(promotion_deps_),
         flash_shoppers_.routes(),
         flash_waiting_.routes(),
         messages_.webhook_routes()}
    );
}

http::Routes Shop::local_routes() {
    return http::joined({office_.local_routes(), rehearsals_.routes()});
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
}

}  // namespace doorbuster::app
