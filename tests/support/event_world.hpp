#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "events/outbox.hpp"
#include "events/relay.hpp"
#include "events/subscriptions.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "support/test_database.hpp"

namespace doorbuster::test {

// Hands events to its consumers, refuses topics and loses its answer when told to.
class ScriptedBus final : public EventBus {
public:
    void subscribe(Consumer consumer) override { consumers_.push_back(std::move(consumer)); }

    bool wants(sql::Reader& reader, std::string_view topic) const override {
        for (const Consumer& consumer : consumers_) {
            if (!consumer.wants || consumer.wants(reader, topic)) return true;
        }
        return wanted_by_others;
    }

    Task<EventFailures> publish(EventList events) override {
        lists.push_back(events.size());
        std::map<std::size_t, std::string> failed;
        std::vector<const Event*> accepted;
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < events.size(); ++i) {
            ++published[events[i]->topic];
            if (refuse.contains(events[i]->topic)) {
                failed[i] = "refused";
            } else {
                accepted.push_back(events[i]);
                places.push_back(i);
            }
        }
        for (const Consumer& consumer : consumers_) {
            const EventFailures failures = co_await consumer.handle(accepted);
            for (const EventFailure& one : failures) failed[places.at(one.index)] = one.reason;
        }
        if (lose_answer) throw std::runtime_error{"the answer was lost"};
        EventFailures failures;
        for (const auto& [place, reason] : failed) failures.push_back({place, reason});
        co_return failures;
    }

    std::map<std::string, int> published;
    std::vector<std::size_t> lists;  // how many events came at once
    std::set<std::string> refuse;
    bool lose_answer = false;
    bool wanted_by_others = true;

private:
    std::vector<Consumer> consumers_;
};

// An outbox, a scripted bus, and consumers whose effects are rows.
class EventWorld : public DatabaseTest {
protected:
    void SetUp() override {
        DatabaseTest::SetUp();
        if (IsSkipped()) return;
        execute("CREATE TABLE effects (event_id BIGINT NOT NULL, topic TEXT NOT NULL)");
    }

    void append(const std::string& topic, const std::string& key = "key") {
        const auto body = [&](sql::Transaction& tx) { outbox_.append(tx, topic, key, "{}"); };
        database().write_blocking(body);
    }
    void append_urgent(const std::string& topic) {
        const auto body = [&](sql::Transaction& tx) {
            outbox_.append(tx, topic, "key", "{}", events::Urgency::urgent);
        };
        database().write_blocking(body);
    }
    void append_many(const std::string& topic, std::size_t count) {
        const std::vector<events::Outbox::Entry> many(count, {"key", "{}"});
        const auto body = [&](sql::Transaction& tx) { outbox_.append_many(tx, topic, many); };
        database().write_blocking(body);
    }

    static void note_effect(sql::Transaction& tx, const Event& event) {
        static constexpr std::string_view text =
            "INSERT INTO effects (event_id, topic) VALUES ($1, $2)";
        static constexpr sql::Statement insert{"test.effect", text, text};
        tx.execute(insert, {event.id, event.topic});
    }
    // A consumer whose work is one row in `effects`.
    void count_effects(const std::string& consumer = "counter") {
        subscriptions().on(consumer, {"*"}, note_effect);
    }
    // A consumer that keeps nothing.
    void listen(const std::string& name, std::function<Task<void>(const Event&)> each) {
        const auto handle = [each = std::move(each)](EventList events) {
            return hear(each, events);
        };
        bus_.subscribe({name, {"*"}, handle});
    }
    events::Subscriptions& subscriptions() {
        if (!subscriptions_) subscriptions_.emplace(bus_, database(), clock_);
        return *subscriptions_;
    }

    std::size_t relay_once(events::RelayOptions options = {}) {
        events::Relay relay{database(), bus_, clock_, options};
        return run(relay.run_once());
    }
    // Events that never saw an outbox.
    EventFailures publish(const std::vector<Event>& events) {
        std::vector<const Event*> list;
        for (const Event& event : events) list.push_back(&event);
        return run(bus_.publish(list));
    }
    Event event(std::int64_t id, std::string topic = "order.paid", std::string key = "key") const {
        return {EventId{id}, std::move(topic), std::move(key), "{}", clock_.now()};
    }

    std::int64_t effects() { return integer("SELECT count(*) FROM effects"); }
    std::int64_t remembered() { return integer("SELECT count(*) FROM inbox"); }
    std::int64_t unpublished() {
        return integer("SELECT count(*) FROM outbox WHERE published_at IS NULL");
    }

    ManualClock clock_;
    events::Outbox outbox_{clock_};
    ScriptedBus bus_;

private:
    static Task<EventFailures> hear(
        std::function<Task<void>(const Event&)> each, EventList events
    ) {
        for (const Event* event : events) co_await each(*event);
        co_return EventFailures{};
    }

    std::optional<events::Subscriptions> subscriptions_;
};

}  // namespace doorbuster::test
