#pragma once

#include <stop_token>

#include "adapters/memory/in_process_bus.hpp"
#include "app/ground.hpp"
#include "events/outbox.hpp"
#include "events/relay.hpp"
#include "events/subscriptions.hpp"
#include "ports/http_client.hpp"
#include "runtime/scheduler.hpp"
#include "webhooks/delivery_worker.hpp"
#include "webhooks/endpoints.hpp"
#include "webhooks/webhook_routes.hpp"

namespace doorbuster::app {

// How one part tells the others, and the world outside, what happened: outbox, bus and relay,
// webhooks and what order systems are sent. Whoever consumes events subscribes before the relay
// runs.
class Messages {
public:
    Messages(const Ground& ground, HttpClient& http);

    const events::Outbox& outbox() const { return outbox_; }
    events::Subscriptions& subscriptions() { return subscriptions_; }
    // Where apps of the payment side are told of their money.
    const webhooks::Endpoints& app_endpoints() const { return app_endpoints_; }
    http::Routes webhook_routes() { return webhooks::webhook_routes(webhook_deps_); }

    // Cleaning; role `worker`.
    void add_jobs(runtime::Scheduler& scheduler);
    // Until told to stop; role `worker`. Events from the outbox to their consumers …
    Task<void> relay_events(std::stop_token stop) { return relay_.run(stop); }
    // … and deliveries to receivers outside.
    Task<void> deliver(std::stop_token stop) { return delivery_worker_.run(stop); }

private:
    const Ground ground_;
    events::Outbox outbox_;
    memory::InProcessBus bus_;
    events::Subscriptions subscriptions_;
    events::Relay relay_;
    webhooks::WebhookService webhooks_;
    webhooks::Endpoints app_endpoints_;
    webhooks::DeliveryWorker delivery_worker_;
    webhooks::WebhookRoutesDeps webhook_deps_;
};

}  // namespace doorbuster::app
