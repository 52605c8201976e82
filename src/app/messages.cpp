#include "app/messages.hpp"

#include "app/settings_of.hpp"
#include "events/retention.hpp"
#include "pay_api/app_service.hpp"

namespace doorbuster::app {

using namespace std::chrono_literals;

Messages::Messages(const Ground& ground, HttpClient& http)
    : ground_{ground},
      outbox_{ground.clock},
      subscriptions_{bus_, ground.database, ground.clock},
      relay_{ground.database, bus_, ground.clock},
      webhooks_{ground.database, ground.clock, ground.random},
      app_endpoints_{ground.clock, ground.random, pay_api::kEndpointsOwner},
      delivery_worker_{ground.database, ground.clock, http, delivery_options(ground.config)},
      webhook_deps_{ground.database, ground.clock, webhooks_} {
    outbox_.on_append([this](events::Urgency urgency) { relay_.wake(urgency); });
    webhooks_.on_due([this] { delivery_worker_.wake(); });
    app_endpoints_.on_due([this] { delivery_worker_.wake(); });
    webhooks_.subscribe(subscriptions_);
}

void Messages::add_jobs(runtime::Scheduler& scheduler) {
    sql::Database& database = ground_.database;
    const Clock& clock = ground_.clock;
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
