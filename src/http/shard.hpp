#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "core/clock.hpp"
#include "http/client_address.hpp"
#include "http/held_bytes.hpp"
#include "http/request_metrics.hpp"
#include "http/server.hpp"
#include "http/stream_places.hpp"

// What the connections of a server share. Inside http/ only.
namespace doorbuster::http {

class Connection;

// The same for all connections of a server.
struct Edge {
    const Router& router;
    ServerOptions options;
    const Clock& clock;
    TrustedProxies trusted;
    HeldBytesTotal held;
    StreamPlaces streams;
    std::unique_ptr<RequestMetrics> metrics;
    AccessLog* access_log = nullptr;

    std::atomic<std::size_t> connections = 0;
    std::mutex mutex;
    std::condition_variable ended;  // a connection did

    bool measures() const { return metrics || access_log; }
    std::size_t ordinary_connections() const {
        // The two are read one after the other: a stream may begin or end between.
        const std::size_t all = connections;
        return all - std::min(all, streams.count());
    }
};

// The connections of one event loop, and what is cheap because only one thread touches it. All
// members are for that loop's thread.
class Shard {
public:
    using Instant = std::chrono::steady_clock::time_point;

    Shard(std::shared_ptr<Edge> edge, std::uint64_t id_seed);

    // Reads the clock, and ends the connections whose deadline has passed.
    void tick();
    // Closes what is idle; what is in progress closes after its answer.
    void stop();
    // Cuts every connection.
    void cut();

    Edge& edge() { return *edge_; }
    // As of the last tick: deadlines are coarse, and this costs nothing.
    Instant now() const { return now_; }
    std::string_view date() const { return date_; }
    bool stopping() const { return stopping_; }
    // An id no other request of this process has; 24 hexadecimal digits.
    void next_request_id(std::string& id);
    // A number for spreading what would otherwise happen at once.
    std::uint64_t spread() { return ++spread_; }

    using Place = std::list<Connection*>::iterator;
    Place enter(Connection& connection);
    void leave(Place place);

private:
    std::shared_ptr<Edge> edge_;
    std::list<Connection*> connections_;
    Instant now_;
    std::int64_t date_second_ = -1;
    std::string date_;
    bool stopping_ = false;
    std::string id_prefix_;
    std::uint64_t requests_ = 0;
    std::uint64_t spread_ = 0;
};

}  // namespace doorbuster::http
