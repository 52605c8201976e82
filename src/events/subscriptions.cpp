#include "events/subscriptions.hpp"

#include <utility>

#include "events/inbox.hpp"

namespace doorbuster::events {
namespace {

// What a subscription needs for every delivery; shared, because deliveries may overlap.
struct Subscription {
    sql::Database& database;
    const Clock& clock;
    std::string consumer;
    Subscriptions::Work work;
};

Task<void> handle_once(std::shared_ptr<const Subscription> subscription, Event event) {
    const auto body = [&](sql::Transaction& tx) {
        const Time now = subscription->clock.now();
        if (!claim(tx, subscription->consumer, event.id, now)) return;
        subscription->work(tx, event);
    };
    // Work that the server has already accepted is not shed; the relay bounds how much runs at
    // once.
    const sql::JobOptions options{.urgent = true};
    co_await subscription->database.write(body, options);
}

}  // namespace

void Subscriptions::on(std::string consumer, std::vector<std::string> topics, Work work) {
    const auto subscription = std::make_shared<const Subscription>(Subscription{
        database_, clock_, consumer, std::move(work)});
    const auto handler = [subscription](const Event& event) {
        return handle_once(subscription, event);
    };
    bus_.subscribe(std::move(consumer), std::move(topics), handler);
}

}  // namespace doorbuster::events
