#include "flash_sale/model/clock_watch.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "ports/log.hpp"
#include "support/manual_clock.hpp"

namespace doorbuster::flash_sale {
namespace {

using namespace std::chrono_literals;

class OneGauge final : public metrics::Registry, public metrics::Gauge {
public:
    void set(double to) override { value = to; }
    void add(double amount) override { value += amount; }
    metrics::Gauge& gauge(const std::string&, const std::string&, const metrics::Labels&) override {
        return *this;
    }
    metrics::Counter& counter(const std::string&, const std::string&, const metrics::Labels&)
        override {
        throw std::logic_error{"it asks for a gauge only"};
    }
    metrics::Histogram& histogram(const std::string&, const std::string&, const metrics::Labels&)
        override {
        throw std::logic_error{"it asks for a gauge only"};
    }

    double value = -1;
};

class Lines final : public log::Sink {
public:
    Lines() { log::install(this); }
    ~Lines() override { log::install(nullptr); }
    bool wants(log::Level) const override { return true; }
    void write(log::Level, std::string_view event, std::initializer_list<log::Field>) override {
        events.emplace_back(event);
    }

    std::vector<std::string> events;
};

TEST(ClockWatch, tells_of_a_jump_once_and_of_its_end) {
    test::ManualClock wall;
    const SaleClock clock{wall};
    OneGauge gauge;
    Lines lines;
    ClockWatch watch{clock, &gauge};
    watch.look();
    EXPECT_EQ(gauge.value, 0);
    EXPECT_TRUE(lines.events.empty());

    wall.jump(1h);
    for (int i = 0; i < 3; ++i) {
        wall.advance(1s);
        watch.look();
        EXPECT_EQ(gauge.value, 1);
    }
    EXPECT_EQ(lines.events, std::vector<std::string>{"flash_sale.clock_in_doubt"});

    wall.advance(SaleClock::kBelieveAfter);
    watch.look();
    EXPECT_EQ(gauge.value, 0);
    ASSERT_EQ(lines.events.size(), 2u);
    EXPECT_EQ(lines.events.back(), "flash_sale.clock_believed");
}

TEST(ClockWatch, a_jump_that_is_taken_back_is_over_at_once) {
    test::ManualClock wall;
    const SaleClock clock{wall};
    OneGauge gauge;
    ClockWatch watch{clock, &gauge};
    wall.jump(-1h);
    watch.look();
    EXPECT_EQ(gauge.value, 1);
    wall.jump(1h);
    watch.look();
    EXPECT_EQ(gauge.value, 0);
}

}  // namespace
}  // namespace doorbuster::flash_sale
