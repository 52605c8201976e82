#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

// Counters and gauges as the domains see them. runtime/ implements the registry and renders it for
// Prometheus; ask for an instrument once, at construction, and keep the reference.
namespace doorbuster::metrics {

using Labels = std::map<std::string, std::string>;

class Counter {
public:
    virtual ~Counter() = default;
    virtual void add(double amount = 1) = 0;
};

class Gauge {
public:
    virtual ~Gauge() = default;
    virtual void set(double value) = 0;
    virtual void add(double amount) = 0;
};

// A distribution of seconds.
class Histogram {
public:
    virtual ~Histogram() = default;
    virtual void observe(double seconds) = 0;
};

// Thread-safe. Instruments live as long as the registry.
class Registry {
public:
    virtual ~Registry() = default;
    virtual Counter& counter(
        const std::string& name, const std::string& help, const Labels& labels = {}
    ) = 0;
    virtual Gauge& gauge(
        const std::string& name, const std::string& help, const Labels& labels = {}
    ) = 0;
    virtual Histogram& histogram(
        const std::string& name, const std::string& help, const Labels& labels = {}
    ) = 0;
};

}  // namespace doorbuster::metrics
