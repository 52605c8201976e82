#pragma once

#include <string>
#include <vector>

#include "ports/event_bus.hpp"

namespace doorbuster::memory {

// Hands events to the consumers of this process. `publish` returns when every consumer of the topic
// has handled the event. A consumer that fails does not keep the others from it; publish then
// throws, and the event is published again to all of them. Thread-safe once all have subscribed.
class InProcessBus final : public EventBus {
public:
    // Topic "*" means all. A consumer name twice is a bug and aborts: their inbox rows would be
    // taken for each other's.
    void subscribe(std::string consumer, std::vector<std::string> topics, Handler handler) override;

    // Throws std::runtime_error that names the consumers which failed.
    Task<void> publish(const Event& event) override;

private:
    struct Subscription {
        std::string consumer;
        std::vector<std::string> topics;
        Handler handler;
        bool wants(const std::string& topic) const;
    };
    std::vector<Subscription> subscriptions_;
};

}  // namespace doorbuster::memory
