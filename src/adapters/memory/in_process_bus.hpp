#pragma once

#include <string>
#include <vector>

#include "ports/event_bus.hpp"

namespace doorbuster::memory {

// Hands events to the consumers of this process, each all that it wants at once and in order, and
// the consumers one after the other. A consumer that fails does not keep the others from an event.
// Thread-safe once all have subscribed.
class InProcessBus final : public EventBus {
public:
    // A consumer name twice is a bug and aborts: their inbox rows would be taken for each other's.
    void subscribe(Consumer consumer) override;
    bool wants(sql::Reader& reader, std::string_view topic) const override;
    // A failure's reason names the consumers which failed.
    Task<EventFailures> publish(EventList events) override;

private:
    std::vector<Consumer> consumers_;
};

}  // namespace doorbuster::memory
