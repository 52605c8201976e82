#pragma once

#include <memory>
#include <string>

#include "ports/metrics.hpp"

namespace doorbuster::runtime {

// The process's instruments, over prometheus-cpp. Asking twice for one name and label set gives the
// same instrument.
class MetricsRegistry final : public metrics::Registry {
public:
    MetricsRegistry();
    ~MetricsRegistry() override;

    metrics::Counter& counter(
        const std::string& name, const std::string& help, const metrics::Labels& labels = {}
    ) override;
    metrics::Gauge& gauge(
        const std::string& name, const std::string& help, const metrics::Labels& labels = {}
    ) override;
    metrics::Histogram& histogram(
        const std::string& name, const std::string& help, const metrics::Labels& labels = {}
    ) override;

    // The Prometheus text format, with memory and open files of the process read at this moment.
    std::string render();

private:
    struct Instruments;
    std::unique_ptr<Instruments> instruments_;
};

// Resident memory of this process in bytes; 0 when the system does not tell.
std::int64_t resident_bytes();

}  // namespace doorbuster::runtime
