#include "flash_sale/engine/sale_meter.hpp"

#include <algorithm>
#include <atomic>
#include <numeric>

namespace doorbuster::flash_sale {
namespace {

constexpr std::size_t kPlaced = 1;
static_assert(SaleMeter::kOutcomes[kPlaced] == "placed");

template <std::size_t Count>
std::array<std::int64_t, Count> make_bounds() {
    std::array<std::int64_t, Count> bounds{};
    double bound = 50;
    for (std::int64_t& microseconds : bounds) {
        microseconds = static_cast<std::int64_t>(bound);
        bound *= 1.25;
    }
    return bounds;
}

// Each thread keeps to one shard, so that event loops do not wait for each other.
std::size_t thread_number() {
    static std::atomic<std::size_t> threads = 0;
    thread_local const std::size_t mine = threads.fetch_add(1, std::memory_order_relaxed);
    return mine;
}

template <class Counts>
void add_all(Counts& sum, const Counts& more) {
    std::transform(sum.begin(), sum.end(), more.begin(), sum.begin(), std::plus<>{});
}

}  // namespace

SaleMeter::SaleMeter(const Clock& clock, metrics::Registry* registry) : clock_{clock} {
    if (!registry) return;
    for (std::size_t index = 0; index < kOutcomes.size(); ++index) {
        totals_[index] = &registry->counter(
            "flash_sale_requests_total",
            "Requests for promotion items by how they ended",
            {{"outcome", std::string{kOutcomes[index]}}}
        );
    }
}

std::size_t SaleMeter::outcome_index(std::string_view word) {
    const auto found = std::find(kOutcomes.begin(), kOutcomes.end() - 1, word);
    return static_cast<std::size_t>(found - kOutcomes.begin());  // the last one is "other"
}

std::size_t SaleMeter::bucket_of(std::chrono::nanoseconds duration) {
    static const auto kBounds = make_bounds<kBuckets>();
    const auto microseconds = std::chrono::ceil<std::chrono::microseconds>(duration).count();
    const auto bound = std::lower_bound(kBounds.begin(), kBounds.end() - 1, microseconds);
    return static_cast<std::size_t>(bound - kBounds.begin());
}

SaleMeter::Latency SaleMeter::latency_of(const Histogram& histogram) {
    static const auto kBounds = make_bounds<kBuckets>();
    const auto total = std::accumulate(histogram.begin(), histogram.end(), std::uint64_t{0});
    if (total == 0) return {};
    const auto at = [&](std::uint64_t percent) {
        const std::uint64_t wanted = (total * percent + 99) / 100;
        std::uint64_t seen = 0;
        std::size_t bucket = 0;
        while ((seen += histogram[bucket]) < wanted) ++bucket;
        return std::chrono::microseconds{kBounds[bucket]};
    };
    return {at(50), at(99)};
}

std::int64_t SaleMeter::second() const {
    const auto since_start = clock_.steady().time_since_epoch();
    return std::chrono::floor<std::chrono::seconds>(since_start).count();
}

void SaleMeter::record(
    PromotionItemId item, std::string_view outcome, std::chrono::nanoseconds duration
) {
    const Sample sample{second(), outcome_index(outcome), bucket_of(duration)};
    if (totals_[sample.outcome]) totals_[sample.outcome]->add();
    if (add_to_known(item, sample)) return;
    {
        const std::lock_guard lock{mutex_};
        if (meters_.size() >= kItemsMax) make_room(sample.second);
        if (meters_.size() >= kItemsMax) return;
        auto& meter = meters_[item];
        if (!meter) meter = std::make_unique<Meter>();
    }
    add_to_known(item, sample);
}

bool SaleMeter::add_to_known(PromotionItemId item, const Sample& sample) const {
    const std::shared_lock lock{mutex_};
    const auto found = meters_.find(item);
    if (found == meters_.end()) return false;
    add(*found->second, sample);
    return true;
}

void SaleMeter::add(Meter& meter, const Sample& sample) {
    Shard& shard = meter[thread_number() % kShards];
    const std::lock_guard lock{shard.mutex};
    const auto slot = static_cast<std::size_t>(sample.second) % shard.seconds.size();
    Second& current = shard.seconds[slot];
    if (current.number != sample.second) {
        current = {};
        current.number = sample.second;
    }
    ++current.outcomes[sample.outcome];
    ++current.all[sample.bucket];
    if (sample.outcome == kPlaced) ++current.placed[sample.bucket];
}

void SaleMeter::add_to(Second& sum, const Second& more) {
    add_all(sum.outcomes, more.outcomes);
    add_all(sum.all, more.all);
    add_all(sum.placed, more.placed);
}

SaleMeter::Rates SaleMeter::rates(PromotionItemId item) const {
    const std::shared_lock lock{mutex_};
    const auto meter = meters_.find(item);
    if (meter == meters_.end()) return {};
    const std::int64_t now = second();
    Second sum;
    for (Shard& shard : *meter->second) {
        const std::lock_guard shard_lock{shard.mutex};
        for (const Second& one : shard.seconds) {
            const bool is_whole = one.number < now && one.number >= now - kWindowSeconds;
            if (is_whole && one.number >= 0) add_to(sum, one);
        }
    }
    Rates rates;
    for (std::size_t index = 0; index < kOutcomes.size(); ++index) {
        if (sum.outcomes[index] == 0) continue;
        const double per_second = static_cast<double>(sum.outcomes[index]) / kWindowSeconds;
        rates.outcomes.push_back({kOutcomes[index], per_second});
        rates.per_second += per_second;
    }
    rates.all = latency_of(sum.all);
    rates.placed = latency_of(sum.placed);
    return rates;
}

bool SaleMeter::is_quiet(Meter& meter, std::int64_t second) {
    for (Shard& shard : meter) {
        const std::lock_guard lock{shard.mutex};
        for (const Second& one : shard.seconds) {
            if (one.number >= 0 && one.number >= second - kWindowSeconds) return false;
        }
    }
    return true;
}

void SaleMeter::make_room(std::int64_t second) {
    std::erase_if(meters_, [&](const auto& entry) { return is_quiet(*entry.second, second); });
}

}  // namespace doorbuster::flash_sale
