#pragma once

#include <string>

#include "ports/metrics.hpp"

namespace doorbuster::cache {

// Counts what a cache does, as doorbuster_cache_*_total{cache="<name>"}; nothing without a
// registry.
class CacheMetrics {
public:
    CacheMetrics(metrics::Registry* registry, const std::string& name);
    void hit() const { count(hits_); }
    void miss() const { count(misses_); }
    void evicted() const { count(evictions_); }

private:
    static void count(metrics::Counter* counter) {
        if (counter) counter->add();
    }
    metrics::Counter* hits_ = nullptr;
    metrics::Counter* misses_ = nullptr;
    metrics::Counter* evictions_ = nullptr;
};

}  // namespace doorbuster::cache
