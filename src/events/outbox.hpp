#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "core/clock.hpp"
#include "ports/backlog.hpp"
#include "ports/sql.hpp"

namespace doorbuster::events {

// Urgent events are told before all others that wait: somebody waits for what they bring about.
enum class Urgency { urgent, ordinary };

// Where a transaction leaves word of what it did: the event exists exactly when the change does.
// The relay takes it from there. Thread-safe.
class Outbox {
public:
    explicit Outbox(const Clock& clock) : clock_{clock} {}

    // `payload` is a JSON object. `key` is what the event is about, e.g. an order number.
    void append(
        sql::Transaction& tx,
        std::string_view topic,
        std::string_view key,
        std::string_view payload,
        Urgency urgency = Urgency::ordinary
    ) const;

    // Many events of one topic at once.
    struct Entry {
        std::string_view key;
        std::string_view payload;
    };
    void append_many(
        sql::Transaction& tx,
        std::string_view topic,
        std::span<const Entry> entries,
        Urgency urgency = Urgency::ordinary
    ) const;

    // Called after a commit that appended, so that the relay need not wait for its next look.
    // Set once at start-up, before the first append. Must be quick and thread-safe.
    void on_append(std::function<void(Urgency)> wake) { wake_ = std::move(wake); }

private:
    void wake_after(sql::Transaction& tx, Urgency urgency) const;

    const Clock& clock_;
    std::function<void(Urgency)> wake_;
};

// Events that no relay has told yet.
Backlog unpublished(sql::Reader& reader);

}  // namespace doorbuster::events
