#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

// Server-sent events (WHATWG HTML, 9.2), for answers that go on: a handler returns a Response with
// an EventSource as its `stream`.
namespace doorbuster::http {

// Whole events, ready for the wire. Shared, so that one change told to ten thousand clients is
// rendered once.
using EventText = std::shared_ptr<const std::string>;

// One event: `data` is one line (JSON text), `id` what the client repeats as Last-Event-ID.
std::string event_text(std::string_view name, std::uint64_t id, std::string_view data);
// How long a client waits before it connects again.
std::string retry_text(std::int64_t milliseconds);

// Tells a connection that its source has something new. Thread-safe, from any thread, cheap, and
// harmless when the connection has ended. Any number of rings before the next look are one look.
class Bell {
public:
    virtual ~Bell() = default;
    virtual void ring() = 0;
};

// What one client is told. `open` and `next` are called on the connection's loop, never at once;
// destroyed there when the stream ends.
class EventSource {
public:
    virtual ~EventSource() = default;
    // Once, before `next`. Whatever changes from now on must ring.
    virtual void open(std::shared_ptr<Bell> bell) = 0;
    // What is new since the last call; nothing when the client knows all. Asked only when the
    // client has taken what came before: what has changed twice meanwhile is told once, so a source
    // keeps the newest state and no queue. Must not wait.
    virtual EventText next() = 0;
};

}  // namespace doorbuster::http
