#include "http/request_metrics.hpp"

namespace doorbuster::http {

RequestMetrics::RequestMetrics(metrics::Registry& registry, const std::vector<Route>& routes)
    : first_{routes.data()},
      unmatched_{make(registry, "", "")},
      connections_{registry.gauge("http_connections", "Open client connections")},
      streams_{registry.gauge("http_streams", "Open streams of server-sent events")} {
    routes_.reserve(routes.size());
    for (const Route& route : routes) {
        routes_.push_back(make(registry, std::string{to_string(route.method)}, route.pattern));
    }
}

RequestMetrics::Instruments RequestMetrics::make(
    metrics::Registry& registry, const std::string& method, const std::string& pattern
) {
    metrics::Labels labels{{"method", method}, {"route", pattern}};
    Instruments made;
    made.duration = &registry.histogram(
        "http_request_seconds", "From the whole request read to its answer ready", labels
    );
    for (std::size_t status = 2; status < made.by_class.size(); ++status) {
        labels["status"] = std::to_string(status) + "xx";
        made.by_class[status] =
            &registry.counter("http_requests_total", "Requests answered", labels);
    }
    return made;
}

void RequestMetrics::count(const Route* route, int status, std::chrono::nanoseconds duration) {
    Instruments& own = route ? routes_[static_cast<std::size_t>(route - first_)] : unmatched_;
    own.by_class[static_cast<std::size_t>(status / 100)]->add();
    own.duration->observe(std::chrono::duration<double>{duration}.count());
}

}  // namespace doorbuster::http
