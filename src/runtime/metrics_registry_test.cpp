#include "runtime/metrics_registry.hpp"

#include <gtest/gtest.h>

namespace doorbuster::runtime {
namespace {

TEST(Metrics, are_rendered_as_prometheus_text) {
    MetricsRegistry registry;
    registry.counter("orders_total", "Orders.", {{"state", "paid"}}).add(2);
    registry.gauge("queue", "Waiting.").set(5);
    registry.histogram("seconds", "Time.").observe(0.002);
    const std::string text = registry.render();
    EXPECT_NE(text.find("orders_total{state=\"paid\"} 2"), std::string::npos) << text;
    EXPECT_NE(text.find("queue 5"), std::string::npos);
    EXPECT_NE(text.find("seconds_bucket{le=\"0.0025\"} 1"), std::string::npos);
    EXPECT_NE(text.find("process_resident_memory_bytes"), std::string::npos);
}

TEST(Metrics, asking_twice_gives_the_same_instrument) {
    MetricsRegistry registry;
    EXPECT_EQ(&registry.counter("a", "x", {{"l", "1"}}), &registry.counter("a", "x", {{"l", "1"}}));
    EXPECT_NE(&registry.counter("a", "x", {{"l", "1"}}), &registry.counter("a", "x", {{"l", "2"}}));
}

}  // namespace
}  // namespace doorbuster::runtime
