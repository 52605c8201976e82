#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ports/database.hpp"
#include "ports/event_bus.hpp"

namespace doorbuster::events {

// Subscribes consumers so that each event takes effect once, however often it is delivered: the
// inbox row and the consumer's work are one transaction.
class Subscriptions {
public:
    using Work = std::function<void(sql::Transaction&, const Event&)>;

    Subscriptions(EventBus& bus, sql::Database& database, const Clock& clock)
        : bus_{bus}, database_{database}, clock_{clock} {}

    // `topics` may hold "*". An exception from `work` rolls back and has the event delivered again
    // later. `consumer` must stay the same over releases.
    void on(std::string consumer, std::vector<std::string> topics, Work work);

private:
    EventBus& bus_;
    sql::Database& database_;
    const Clock& clock_;
};

}  // namespace doorbuster::events
