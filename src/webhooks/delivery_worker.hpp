#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <stop_token>

#include "events/wakeup.hpp"
#include "ports/database.hpp"
#include "ports/http_client.hpp"
#include "webhooks/webhook.hpp"

namespace doorbuster::webhooks {

struct DeliveryOptions {
    std::size_t at_once_max = 32;     // deliveries under way …
    std::size_t per_webhook_max = 2;  // … and of one receiver, so a slow one keeps no other waiting
    Milliseconds poll{1'000};         // how long a due delivery of another process may wait
    Milliseconds lease{60'000};       // longer than one attempt can take
    Milliseconds timeout{10'000};     // of one attempt
    bool private_addresses = false;  // allow receivers on loopback and private networks
};

// Sends deliveries that are due. An attempt has succeeded when the receiver answers 2xx; redirects
// are not followed. Else it is repeated at growing distances until kAttemptsMax. Several workers
// may share one database. A receiver may see a delivery twice and knows it by its event id.
class DeliveryWorker {
public:
    DeliveryWorker(
        sql::Database& database,
        const Clock& clock,
        HttpClient& client,
        DeliveryOptions options = {}
    );

    // Look again now. From any thread.
    void wake() noexcept;

    // Sends what is due and fits, and returns when those have ended. Returns how many were sent.
    Task<std::size_t> run_once();

    // Until told to stop; deliveries under way end first. One call per worker, on one loop.
    Task<void> run(std::stop_token stop);

private:
    struct State;

    static Task<std::size_t> start_due(std::shared_ptr<State> state);
    static Task<void> deliver(std::shared_ptr<State> state, Webhook webhook, Delivery delivery);
    static Task<void> attempt(State& state, const Webhook& webhook, Delivery& delivery);

    std::shared_ptr<State> state_;
};

}  // namespace doorbuster::webhooks
