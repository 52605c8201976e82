#include "adapters/memory/in_process_bus.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "core/assert.hpp"

namespace doorbuster::memory {

bool InProcessBus::Subscription::wants(const std::string& topic) const {
    const auto matches = [&](const std::string& wanted) {
        return wanted == "*" || wanted == topic;
    };
    return std::ranges::any_of(topics, matches);
}

void InProcessBus::subscribe(
    std::string consumer, std::vector<std::string> topics, Handler handler
) {
    const bool known = std::ranges::any_of(subscriptions_, [&](const Subscription& other) {
        return other.consumer == consumer;
    });
    DOORBUSTER_ASSERT(!known);
    subscriptions_.push_back({std::move(consumer), std::move(topics), std::move(handler)});
}

Task<void> InProcessBus::publish(const Event& event) {
    std::string failed;
    for (const Subscription& subscription : subscriptions_) {
        if (!subscription.wants(event.topic)) continue;
        try {
            co_await subscription.handler(event);
        } catch (const std::exception& error) {
            failed += (failed.empty() ? "" : "; ") + subscription.consumer + ": " + error.what();
        }
    }
    if (!failed.empty()) throw std::runtime_error{failed};
}

}  // namespace doorbuster::memory
