#include "runtime/metrics_registry.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <cstdio>
#include <deque>
#include <map>
#include <mutex>

namespace doorbuster::runtime {

namespace {

// Seconds. From a memory answer (0.1 ms) to the whole-request deadline.
const std::vector<double> kBuckets = {
    0.0001,
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1,
    2.5,
    5,
    10,
    30};

class CounterHandle final : public metrics::Counter {
public:
    explicit CounterHandle(prometheus::Counter& counter) : counter_{counter} {}
    void add(double amount) override { counter_.Increment(amount); }

private:
    prometheus::Counter& counter_;
};

class GaugeHandle final : public metrics::Gauge {
public:
    explicit GaugeHandle(prometheus::Gauge& gauge) : gauge_{gauge} {}
    void set(double value) override { gauge_.Set(value); }
    void add(double amount) override { gauge_.Increment(amount); }

private:
    prometheus::Gauge& gauge_;
};

class HistogramHandle final : public metrics::Histogram {
public:
    explicit HistogramHandle(prometheus::Histogram& histogram) : histogram_{histogram} {}
    void observe(double seconds) override { histogram_.Observe(seconds); }

private:
    prometheus::Histogram& histogram_;
};

// One handle for each of the library's instruments; the library gives the same one for equal
// labels.
template <class Handle>
class Handles {
public:
    template <class Instrument>
    Handle& of(Instrument& instrument) {
        const auto found = by_instrument_.find(&instrument);
        if (found != by_instrument_.end()) return *found->second;
        Handle& handle = all_.emplace_back(instrument);
        by_instrument_[&instrument] = &handle;
        return handle;
    }

private:
    std::deque<Handle> all_;
    std::map<const void*, Handle*> by_instrument_;
};

}  // namespace

struct MetricsRegistry::Instruments {
    std::mutex mutex;
    prometheus::Registry registry;
    Handles<CounterHandle> counters;
    Handles<GaugeHandle> gauges;
    Handles<HistogramHandle> histograms;
};

MetricsRegistry::MetricsRegistry() : instruments_{std::make_unique<Instruments>()} {}
MetricsRegistry::~MetricsRegistry() = default;

metrics::Counter& MetricsRegistry::counter(
    const std::string& name, const std::string& help, const metrics::Labels& labels
) {
    const std::lock_guard lock{instruments_->mutex};
    auto& family =
        prometheus::BuildCounter().Name(name).Help(help).Register(instruments_->registry);
    return instruments_->counters.of(family.Add(labels));
}

metrics::Gauge& MetricsRegistry::gauge(
    const std::string& name, const std::string& help, const metrics::Labels& labels
) {
    const std::lock_guard lock{instruments_->mutex};
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(instruments_->registry);
    return instruments_->gauges.of(family.Add(labels));
}

metrics::Histogram& MetricsRegistry::histogram(
    const std::string& name, const std::string& help, const metrics::Labels& labels
) {
    const std::lock_guard lock{instruments_->mutex};
    auto& family =
        prometheus::BuildHistogram().Name(name).Help(help).Register(instruments_->registry);
    return instruments_->histograms.of(family.Add(labels, kBuckets));
}

std::string MetricsRegistry::render() {
    gauge("process_resident_memory_bytes", "Resident memory of this process.")
        .set(static_cast<double>(resident_bytes()));
    return prometheus::TextSerializer{}.Serialize(instruments_->registry.Collect());
}

std::int64_t resident_bytes() {
    long long pages = 0;
    long long resident = 0;
    if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(file, "%lld %lld", &pages, &resident) != 2) resident = 0;
        std::fclose(file);
    }
    return resident * ::sysconf(_SC_PAGESIZE);
}

}  // namespace doorbuster::runtime
