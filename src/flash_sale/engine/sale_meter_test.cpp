#include "flash_sale/engine/sale_meter.hpp"

#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "flash_sale/model/errors.hpp"
#include "support/manual_clock.hpp"

namespace doorbuster::flash_sale {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr PromotionItemId kItem{7};

std::map<std::string, double> by_word(const SaleMeter::Rates& rates) {
    std::map<std::string, double> found;
    for (const auto& outcome : rates.outcomes) found.emplace(outcome.word, outcome.per_second);
    return found;
}

// Counts what it is told, without a Prometheus.
class FakeRegistry final : public metrics::Registry {
public:
    class Number final : public metrics::Counter, public metrics::Gauge, public metrics::Histogram {
    public:
        void add(double amount) override { value += amount; }
        void set(double to) override { value = to; }
        void observe(double) override { value += 1; }
        double value = 0;
    };
    metrics::Counter& counter(
        const std::string& name, const std::string&, const metrics::Labels& labels
    ) override {
        return numbers[name + "/" + labels.at("outcome")];
    }
    metrics::Gauge& gauge(const std::string& name, const std::string&, const metrics::Labels&)
        override {
        return numbers[name];
    }
    metrics::Histogram&
    histogram(const std::string& name, const std::string&, const metrics::Labels&) override {
        return numbers[name];
    }
    std::map<std::string, Number> numbers;
};

TEST(SaleMeter, tells_requests_a_second_by_outcome_once_the_second_is_over) {
    test::ManualClock clock;
    SaleMeter meter{clock};
    for (int i = 0; i < 20; ++i) meter.record(kItem, kSoldOut.name, milliseconds{1});
    for (int i = 0; i < 5; ++i) meter.record(kItem, "placed", milliseconds{3});
    EXPECT_TRUE(meter.rates(kItem).outcomes.empty());

    clock.advance(seconds{1});
    const auto rates = meter.rates(kItem);
    EXPECT_EQ(by_word(rates), (std::map<std::string, double>{{"sold_out", 2.0}, {"placed", 0.5}}));
    EXPECT_DOUBLE_EQ(rates.per_second, 2.5);
}

TEST(SaleMeter, forgets_what_is_older_than_its_window) {
    test::ManualClock clock;
    SaleMeter meter{clock};
    meter.record(kItem, "placed", milliseconds{1});
    clock.advance(seconds{10});
    EXPECT_EQ(meter.rates(kItem).outcomes.size(), 1u);
    clock.advance(seconds{1});
    EXPECT_TRUE(meter.rates(kItem).outcomes.empty());
    EXPECT_FALSE(meter.rates(kItem).all.p50.has_value());

    // The same slot, eleven seconds later, begins from nothing.
    meter.record(kItem, "token", milliseconds{1});
    clock.advance(seconds{1});
    EXPECT_EQ(by_word(meter.rates(kItem)), (std::map<std::string, double>{{"token", 0.1}}));
}

TEST(SaleMeter, tells_a_latency_that_is_at_most_a_quarter_too_high) {
    test::ManualClock clock;
    SaleMeter meter{clock};
    for (int i = 0; i < 99; ++i) meter.record(kItem, kSoldOut.name, microseconds{400});
    meter.record(kItem, "placed", milliseconds{20});
    clock.advance(seconds{1});
    const auto rates = meter.rates(kItem);
    EXPECT_GE(rates.all.p50.value(), microseconds{400});
    EXPECT_LE(rates.all.p50.value(), microseconds{500});
    EXPECT_EQ(rates.all.p50, rates.all.p99);
    EXPECT_GE(rates.placed.p50.value(), milliseconds{20});
    EXPECT_LE(rates.placed.p99.value(), milliseconds{25});
}

TEST(SaleMeter, takes_any_duration) {
    test::ManualClock clock;
    SaleMeter meter{clock};
    meter.record(kItem, "placed", std::chrono::nanoseconds{-1});
    meter.record(kItem, "placed", std::chrono::hours{24});
    clock.advance(seconds{1});
    EXPECT_EQ(meter.rates(kItem).placed.p50, microseconds{50});
    EXPECT_GE(meter.rates(kItem).placed.p99.value(), seconds{30});
}

TEST(SaleMeter, counts_a_word_that_it_does_not_know_as_other) {
    test::ManualClock clock;
    SaleMeter meter{clock};
    meter.record(kItem, "a word of tomorrow", milliseconds{1});
    meter.record(kItem, "", milliseconds{1});
    clock.advance(seconds{1});
    EXPECT_EQ(by_word(meter.rates(kItem)), (std::map<std::string, double>{{"other", 0.2}}));
}

TEST(SaleMeter, keeps_items_apart_and_knows_nothing_of_others) {
    test::ManualClock clock;
    SaleMeter meter{clock};
    meter.record(kItem, "placed", milliseconds{1});
    clock.advance(seconds{1});
    EXPECT_DOUBLE_EQ(meter.rates(PromotionItemId{8}).per_second, 0);
    EXPECT_DOUBLE_EQ(meter.rates(kItem).per_second, 0.1);
}

TEST(SaleMeter, measures_a_bounded_number_of_items_and_takes_new_ones_when_old_ones_are_quiet) {
    test::ManualClock clock;
    SaleMeter meter{clock};
    for (std::size_t i = 0; i <= SaleMeter::kItemsMax; ++i) {
        meter.record(PromotionItemId{static_cast<std::int64_t>(i) + 1}, "placed", milliseconds{1});
    }
    const PromotionItemId beyond{static_cast<std::int64_t>(SaleMeter::kItemsMax) + 1};
    clock.advance(seconds{1});
    EXPECT_DOUBLE_EQ(meter.rates(PromotionItemId{1}).per_second, 0.1);
    EXPECT_DOUBLE_EQ(meter.rates(beyond).per_second, 0);

    clock.advance(seconds{10});
    meter.record(beyond, "placed", milliseconds{1});
    clock.advance(seconds{1});
    EXPECT_DOUBLE_EQ(meter.rates(beyond).per_second, 0.1);
}

TEST(SaleMeter, loses_nothing_that_many_threads_record) {
    test::ManualClock clock;
    SaleMeter meter{clock};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 6; ++thread) {
        threads.emplace_back([&] {
            for (int i = 0; i < 1000; ++i) meter.record(kItem, kSoldOut.name, milliseconds{1});
        });
    }
    for (std::thread& thread : threads) thread.join();
    clock.advance(seconds{1});
    EXPECT_DOUBLE_EQ(meter.rates(kItem).per_second, 600);
}

TEST(SaleMeter, tells_the_totals_of_all_items_to_the_registry) {
    test::ManualClock clock;
    FakeRegistry registry;
    SaleMeter meter{clock, &registry};
    meter.record(kItem, "placed", milliseconds{1});
    meter.record(PromotionItemId{8}, "placed", milliseconds{1});
    meter.record(kItem, "nonsense", milliseconds{1});
    EXPECT_EQ(registry.numbers.size(), SaleMeter::kOutcomes.size());
    EXPECT_EQ(registry.numbers.at("flash_sale_requests_total/placed").value, 2);
    EXPECT_EQ(registry.numbers.at("flash_sale_requests_total/other").value, 1);
}

}  // namespace
}  // namespace doorbuster::flash_sale
