#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/task.hpp"
#include "ports/sql.hpp"

namespace doorbuster {

// Something that has happened, told by one domain to any other.
struct Event {
    EventId id;           // unique; a consumer remembers it to act once
    std::string topic;    // "payment.succeeded"
    std::string key;      // what it is about, e.g. an order number
    std::string payload;  // a JSON object
    Time at;
};

// Events on their way, in the order in which they are told. Whoever hands them over keeps them
// alive until it has its answer.
using EventList = std::span<const Event* const>;

// An event that is not safe yet, by its place in the list that was handed over, and why.
struct EventFailure {
    std::size_t index = 0;
    std::string reason;
};
using EventFailures = std::vector<EventFailure>;

// Carries events from the outbox to consumers, at least once.
class EventBus {
public:
    struct Consumer {
        // Deliveries are remembered under this name; it must stay the same over releases.
        std::string name;
        std::vector<std::string> topics;  // "*" for all
        // Deals with all that it can, one bad event keeps no other from it, and tells what it could
        // not deal with. Throws when it can deal with none. What it has dealt with before must have
        // no second effect.
        std::function<Task<EventFailures>(EventList)> handle;
        // Whether it wants a topic of its list just now, for a consumer whose wishes are rows.
        // Unset: always.
        std::function<bool(sql::Reader&, std::string_view topic)> wants = {};
    };

    virtual ~EventBus() = default;

    // Before anything else is called.
    virtual void subscribe(Consumer consumer) = 0;

    // Whether an event of this topic would reach anybody. Where wishes are rows, the reader must
    // see at least what the event's transaction saw: then nobody who was there before it is passed
    // by.
    virtual bool wants(sql::Reader& reader, std::string_view topic) const = 0;

    // Returns when each event is safe, every consumer having dealt with it or a broker having
    // confirmed it, or has failed. Throws when all failed. The caller publishes failures again
    // later, to all consumers.
    virtual Task<EventFailures> publish(EventList events) = 0;
};

}  // namespace doorbuster
