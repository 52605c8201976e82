#include "adapters/memory/in_process_bus.hpp"

#include <algorithm>
#include <utility>

#include "core/assert.hpp"

namespace doorbuster::memory {
namespace {

bool listens(const EventBus::Consumer& consumer, std::string_view topic) {
    return std::ranges::any_of(consumer.topics, [&](const std::string& wanted) {
        return wanted == "*" || wanted == topic;
    });
}

// What one consumer gets of a list, and where each event stands in it.
struct Share {
    std::vector<const Event*> events;
    std::vector<std::size_t> places;
};

Share share_of(const EventBus::Consumer& consumer, EventList events) {
    Share share;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (!listens(consumer, events[i]->topic)) continue;
        share.events.push_back(events[i]);
        share.places.push_back(i);
    }
    return share;
}

Task<EventFailures> hand_over(const EventBus::Consumer& consumer, const Share& share) {
    std::string reason;
    try {
        co_return co_await consumer.handle(share.events);
    } catch (const std::exception& error) {
        reason = error.what();
    }
    EventFailures all;
    for (std::size_t i = 0; i < share.events.size(); ++i) all.push_back({i, reason});
    co_return all;
}

EventFailures listed(const std::vector<std::string>& reasons) {
    EventFailures failures;
    for (std::size_t i = 0; i < reasons.size(); ++i) {
        if (!reasons[i].empty()) failures.push_back({i, reasons[i]});
    }
    return failures;
}

}  // namespace

void InProcessBus::subscribe(Consumer consumer) {
    const bool known = std::ranges::any_of(consumers_, [&](const Consumer& other) {
        return other.name == consumer.name;
    });
    DOORBUSTER_ASSERT(!known);
    consumers_.push_back(std::move(consumer));
}

bool InProcessBus::wants(sql::Reader& reader, std::string_view topic) const {
    const auto wanted_by = [&](const Consumer& consumer) {
        return listens(consumer, topic) && (!consumer.wants || consumer.wants(reader, topic));
    };
    return std::ranges::any_of(consumers_, wanted_by);
}

Task<EventFailures> InProcessBus::publish(EventList events) {
    std::vector<std::string> reasons(events.size());
    for (const Consumer& consumer : consumers_) {
        const Share share = share_of(consumer, events);
        if (share.events.empty()) continue;
        const EventFailures failures = co_await hand_over(consumer, share);
        for (const EventFailure& failure : failures) {
            std::string& reason = reasons[share.places.at(failure.index)];
            reason += (reason.empty() ? "" : "; ") + consumer.name + ": " + failure.reason;
        }
    }
    co_return listed(reasons);
}

}  // namespace doorbuster::memory
