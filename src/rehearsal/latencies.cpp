#include "rehearsal/latencies.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace doorbuster::rehearsal {
namespace {

constexpr int kPrecisionBits = 5;
constexpr std::uint64_t kPerOctave = 1u << kPrecisionBits;
// An hour; what takes longer has long been given up.
constexpr std::uint64_t kLongest = 3'600'000'000;

std::size_t bucket_of(std::uint64_t value) {
    if (value < 2 * kPerOctave) return value;
    const int shift = static_cast<int>(std::bit_width(value)) - 1 - kPrecisionBits;
    return static_cast<std::size_t>(shift) * kPerOctave + (value >> shift);
}

std::uint64_t upper_end(std::size_t bucket) {
    if (bucket < 2 * kPerOctave) return bucket;
    const std::size_t shift = bucket / kPerOctave - 1;
    return ((bucket - shift * kPerOctave + 1) << shift) - 1;
}

}  // namespace

void Latencies::add(Duration duration) {
    const auto count = std::max<Duration::rep>(duration.count(), 0);
    const std::uint64_t value = std::min(static_cast<std::uint64_t>(count), kLongest);
    const std::size_t bucket = bucket_of(value);
    if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
    ++buckets_[bucket];
    ++count_;
    max_ = std::max(max_, Duration{static_cast<Duration::rep>(value)});
}

void Latencies::add(const Latencies& more) {
    if (more.buckets_.size() > buckets_.size()) buckets_.resize(more.buckets_.size());
    for (std::size_t i = 0; i < more.buckets_.size(); ++i) buckets_[i] += more.buckets_[i];
    count_ += more.count_;
    max_ = std::max(max_, more.max_);
}

Latencies::Duration Latencies::percentile(double percent) const {
    const auto rank =
        static_cast<std::uint64_t>(std::ceil(static_cast<double>(count_) * percent / 100.0));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        seen += buckets_[i];
        if (seen >= std::max<std::uint64_t>(rank, 1)) {
            return std::min(max_, Duration{static_cast<Duration::rep>(upper_end(i))});
        }
    }
    return Duration{0};
}

}  // namespace doorbuster::rehearsal
