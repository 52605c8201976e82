#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ports/database.hpp"
#include "ports/event_bus.hpp"

namespace doorbuster::events {

// Subscribes consumers so that each event takes effect once, however often it is delivered: the
// inbox rows and the consumer's work are one transaction. Many events share one, as many as keep it
// short. When their work fails, each is given a transaction of its own, so one bad event is refused
// alone. An exception from the work rolls back and has the event delivered again later.
class Subscriptions {
public:
    using Work = std::function<void(sql::Transaction&, const Event&)>;
    using ListWork = std::function<void(sql::Transaction&, EventList)>;
    using Wants = std::function<bool(sql::Reader&, std::string_view topic)>;
    using Concerns = std::function<bool(const Event&)>;

    Subscriptions(EventBus& bus, sql::Database& database, const Clock& clock)
        : bus_{bus}, database_{database}, clock_{clock} {}

    // Work on one event after the other. On a database with several writers each event has a
    // transaction of its own, since the work may lock what others lock in another order; a few run
    // at a time, those of one key in turn. `topics` may hold "*". What does not concern the
    // consumer, by the event alone, is neither worked on nor remembered, and costs no transaction.
    void on(
        std::string consumer, std::vector<std::string> topics, Work work, Concerns concerns = {}
    );

    // Work on many events by few statements, on either database. It may lock rows only in the order
    // of the events, or rows that nobody else locks. What `wants` does not want is neither worked
    // on nor remembered.
    void on_many(
        std::string consumer, std::vector<std::string> topics, ListWork work, Wants wants = {}
    );

private:
    void subscribe(
        std::string consumer,
        std::vector<std::string> topics,
        ListWork work,
        Wants wants,
        Concerns concerns,
        bool each_alone
    );

    EventBus& bus_;
    sql::Database& database_;
    const Clock& clock_;
};

}  // namespace doorbuster::events
