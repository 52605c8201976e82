#include "cache/cache_metrics.hpp"

namespace doorbuster::cache {

CacheMetrics::CacheMetrics(metrics::Registry* registry, const std::string& name) {
    if (!registry) return;
    const metrics::Labels labels{{"cache", name}};
    hits_ = &registry->counter("doorbuster_cache_hits_total", "Answers from memory.", labels);
    misses_ = &registry->counter("doorbuster_cache_misses_total", "Answers read anew.", labels);
    evictions_ = &registry->counter(
        "doorbuster_cache_evictions_total", "Values dropped for lack of room.", labels
    );
}

}  // namespace doorbuster::cache
