#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "http/client_address.hpp"
#include "http/router.hpp"
#include "ports/database.hpp"
#include "runtime/metrics_registry.hpp"

namespace doorbuster::app {

struct SiteDeps {
    sql::Database& database;
    runtime::MetricsRegistry& metrics;
    const Clock& clock;
    const std::atomic<bool>& stopping;
    const http::Router& router;  // for the list of routes at /docs
    http::Networks metrics_readers;
    bool sells;  // a shop is served here, not payments alone
    // Lines that readiness shows although it is ready.
    std::function<std::vector<std::string>()> remarks;
};

// What belongs to the process and not to a domain: the front page, health, readiness, metrics, the
// API's description, and the pictures of the demo shop. `deps` must outlive the routes.
http::Routes site_routes(const SiteDeps& deps);

}  // namespace doorbuster::app
