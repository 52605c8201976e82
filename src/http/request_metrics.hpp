#pragma once

#include <array>
#include <chrono>
#include <string>
#include <unordered_map>

#include "http/route.hpp"
#include "ports/metrics.hpp"

namespace doorbuster::http {

// Counts answers and measures how long they took, per route pattern. Every instrument is made at
// construction, so that a request only looks its own up; labels come from the table of routes and
// never from what a client sends. Thread-safe after construction.
class RequestMetrics {
public:
    // `routes` must not change or move afterwards.
    RequestMetrics(metrics::Registry& registry, const std::vector<Route>& routes);

    // `route` null: no route matched, or the request could not be read.
    void count(const Route* route, int status, std::chrono::nanoseconds duration);
    metrics::Gauge& connections() { return connections_; }
    metrics::Gauge& streams() { return streams_; }

private:
    struct Instruments {
        std::array<metrics::Counter*, 6> by_class{};  // 2 for 2xx and so on
        metrics::Histogram* duration = nullptr;
    };
    static Instruments make(
        metrics::Registry& registry, const std::string& method, const std::string& pattern
    );

    const Route* first_;
    std::vector<Instruments> routes_;
    Instruments unmatched_;
    metrics::Gauge& connections_;
    metrics::Gauge& streams_;
};

}  // namespace doorbuster::http
