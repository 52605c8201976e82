#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/task.hpp"

namespace doorbuster {

// Something that has happened, told by one domain to any other.
struct Event {
    EventId id;           // unique; a consumer remembers it to act once
    std::string topic;    // "payment.succeeded"
    std::string key;      // what it is about, e.g. an order number; events of one key keep no order
    std::string payload;  // a JSON object
    Time at;
};

// Carries events from the outbox to consumers, at least once.
class EventBus {
public:
    using Handler = std::function<Task<void>(const Event&)>;

    virtual ~EventBus() = default;

    // Before `publish` is first called. `consumer` is the name under which deliveries are
    // remembered.
    virtual void subscribe(
        std::string consumer, std::vector<std::string> topics, Handler handler
    ) = 0;

    // Returns when the event is safe: every consumer has handled it, or a broker has confirmed it.
    // Throws when that failed; the caller publishes it again later.
    virtual Task<void> publish(const Event& event) = 0;
};

}  // namespace doorbuster
