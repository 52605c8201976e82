#include "events/subscriptions.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <utility>

#include "events/bounded.hpp"
#include "events/inbox.hpp"

namespace doorbuster::events {
namespace {

// Work that the server has already accepted is not shed; the relay bounds how much runs at once.
constexpr sql::JobOptions kUrgent{.urgent = true};
// How long a transaction may keep the one writer of SQLite, or row locks, from others …
constexpr Milliseconds kTransactionMax{10};
// … and how many events share one: so many at first, then what proves to take that long.
constexpr std::size_t kTogetherFirst = 32;
constexpr std::size_t kTogetherMax = 500;
// Transactions at a time when each event has its own: as many as the pool of PostgreSQL has
// writers.
constexpr std::size_t kLanes = 8;

using Duration = std::chrono::steady_clock::duration;

// What a consumer needs for every delivery; shared, because deliveries may overlap.
struct Subscription {
    sql::Database& database;
    const Clock& clock;
    std::string consumer;
    Subscriptions::ListWork work;
    Subscriptions::Wants wants;
    Subscriptions::Concerns concerns;
    bool each_alone;
    std::atomic<std::size_t> together;

    std::vector<const Event*> wanted_of(sql::Reader& reader, EventList events) const {
        std::map<std::string_view, bool> known;
        std::vector<const Event*> wanted;
        for (const Event* event : events) {
            const auto [topic, is_new] = known.try_emplace(event->topic, true);
            if (is_new && wants) topic->second = wants(reader, event->topic);
            if (topic->second) wanted.push_back(event);
        }
        return wanted;
    }

    bool is_concerned(const Event& event) const {
        try {
            return !concerns || concerns(event);
        } catch (const std::exception&) {
            return true;  // the work will say what is wrong with it, and of it alone
        }
    }

    void run(sql::Transaction& tx, EventList events) const {
        const auto wanted = wanted_of(tx, events);
        if (wanted.empty()) return;
        const auto fresh = claim(tx, consumer, wanted, clock.now());
        if (!fresh.empty()) work(tx, fresh);
    }

    void learn(std::size_t count, Duration took) {
        if (each_alone) return;
        if (took > kTransactionMax) {
            together = std::max<std::size_t>(count / 2, 1);
        } else if (count >= together && took < kTransactionMax / 4) {
            together = std::min(count * 2, kTogetherMax);
        }
    }
};

Task<void> handle(Subscription& subscription, EventList events) {
    Duration took{};
    const auto body = [&](sql::Transaction& tx) {
        const auto begin = subscription.clock.steady();
        subscription.run(tx, events);
        took = subscription.clock.steady() - begin;
    };
    co_await subscription.database.write(body, kUrgent);
    subscription.learn(events.size(), took);
}

// Empty: all is well.
struct Outcome {
    std::string reason;
    bool of_the_database = false;  // trying each alone would fail as well
};

Task<Outcome> try_together(Subscription& subscription, EventList events) {
    try {
        co_await handle(subscription, events);
    } catch (const sql::Unavailable& error) {
        co_return Outcome{error.what(), true};
    } catch (const std::exception& error) {
        co_return Outcome{error.what(), false};
    }
    co_return Outcome{};
}

// Each event in a transaction of its own. Those of one key go through one lane, so in order.
Task<void> try_each(Subscription& subscription, EventList events, std::vector<Outcome>& outcomes) {
    std::array<std::vector<std::size_t>, kLanes> lanes;
    for (std::size_t i = 0; i < events.size(); ++i) {
        lanes[std::hash<std::string_view>{}(events[i]->key) % kLanes].push_back(i);
    }
    const auto go_through = [&](std::size_t lane) -> Task<void> {
        for (const std::size_t i : lanes[lane]) {
            outcomes[i] = co_await try_together(subscription, events.subspan(i, 1));
        }
    };
    co_await for_each_bounded(kLanes, kLanes, go_through);
}

Task<void> deliver_some(
    Subscription& subscription, EventList events, std::vector<Outcome>& outcomes
) {
    outcomes.assign(events.size(), {});
    if (events.size() == 1 || !subscription.each_alone) {
        const Outcome all = co_await try_together(subscription, events);
        if (all.reason.empty()) co_return;
        outcomes.assign(events.size(), all);
        if (events.size() == 1 || all.of_the_database) co_return;
    }
    co_await try_each(subscription, events, outcomes);
}

// In the order in which they came.
Task<EventFailures> deliver_all(std::shared_ptr<Subscription> subscription, EventList events) {
    EventFailures failures;
    std::vector<Outcome> outcomes;
    for (std::size_t first = 0; first < events.size(); first += outcomes.size()) {
        const std::size_t most = std::min<std::size_t>(subscription->together, kTogetherMax);
        const EventList some = events.subspan(first, std::min(most, events.size() - first));
        co_await deliver_some(*subscription, some, outcomes);
        for (std::size_t i = 0; i < outcomes.size(); ++i) {
            if (!outcomes[i].reason.empty()) failures.push_back({first + i, outcomes[i].reason});
        }
    }
    co_return failures;
}

// Those that concern the consumer.
Task<EventFailures> deliver(std::shared_ptr<Subscription> subscription, EventList events) {
    std::vector<const Event*> concerned;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (!subscription->is_concerned(*events[i])) continue;
        concerned.push_back(events[i]);
        places.push_back(i);
    }
    EventFailures failures = co_await deliver_all(subscription, concerned);
    for (EventFailure& failure : failures) failure.index = places[failure.index];
    co_return failures;
}

}  // namespace

void Subscriptions::on(
    std::string consumer, std::vector<std::string> topics, Work work, Concerns concerns
) {
    const auto each = [work = std::move(work)](sql::Transaction& tx, EventList events) {
        for (const Event* event : events) work(tx, *event);
    };
    const bool each_alone = database_.shared();
    subscribe(std::move(consumer), std::move(topics), each, {}, std::move(concerns), each_alone);
}

void Subscriptions::on_many(
    std::string consumer, std::vector<std::string> topics, ListWork work, Wants wants
) {
    subscribe(std::move(consumer), std::move(topics), std::move(work), std::move(wants), {}, false);
}

void Subscriptions::subscribe(
    std::string consumer,
    std::vector<std::string> topics,
    ListWork work,
    Wants wants,
    Concerns concerns,
    bool each_alone
) {
    const std::size_t together = each_alone ? kTogetherMax : kTogetherFirst;
    const std::shared_ptr<Subscription> subscription{new Subscription{
        database_,
        clock_,
        consumer,
        std::move(work),
        wants,
        std::move(concerns),
        each_alone,
        together}};
    const auto handle = [subscription](EventList events) { return deliver(subscription, events); };
    bus_.subscribe({std::move(consumer), std::move(topics), handle, std::move(wants)});
}

}  // namespace doorbuster::events
