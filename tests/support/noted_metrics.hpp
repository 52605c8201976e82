#pragma once

#include <map>
#include <memory>
#include <string>

#include "ports/metrics.hpp"

namespace doorbuster::test {

// Instruments whose values a test can read. Used from one thread.
class NotedMetrics final : public metrics::Registry {
public:
    metrics::Counter& counter(
        const std::string& name, const std::string&, const metrics::Labels& labels = {}
    ) override {
        return instrument(name, labels);
    }
    metrics::Gauge& gauge(
        const std::string& name, const std::string&, const metrics::Labels& labels = {}
    ) override {
        return instrument(name, labels);
    }
    metrics::Histogram& histogram(
        const std::string& name, const std::string&, const metrics::Labels& labels = {}
    ) override {
        return instrument(name, labels);
    }

    // Of a counter or gauge its value, of a histogram the sum of what it saw.
    double value(const std::string& name, const metrics::Labels& labels = {}) const {
        const auto found = instruments_.find({name, labels});
        return found == instruments_.end() ? 0 : found->second->value;
    }
    int observations(const std::string& name, const metrics::Labels& labels = {}) const {
        const auto found = instruments_.find({name, labels});
        return found == instruments_.end() ? 0 : found->second->observed;
    }

private:
    struct Instrument final : metrics::Counter, metrics::Gauge, metrics::Histogram {
        void add(double amount) override { value += amount; }
        void set(double to) override { value = to; }
        void observe(double seconds) override {
            value += seconds;
            ++observed;
        }
        double value = 0;
        int observed = 0;
    };
    Instrument& instrument(const std::string& name, const metrics::Labels& labels) {
        auto& place = instruments_[{name, labels}];
        if (!place) place = std::make_unique<Instrument>();
        return *place;
    }

    std::map<std::pair<std::string, metrics::Labels>, std::unique_ptr<Instrument>> instruments_;
};

}  // namespace doorbuster::test
