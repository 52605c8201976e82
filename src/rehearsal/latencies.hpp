#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace doorbuster::rehearsal {

// How long many requests took: a histogram whose buckets are at most 1/32 of their value wide, so
// its size does not grow with what it counts. Not thread-safe.
class Latencies {
public:
    using Duration = std::chrono::microseconds;

    void add(Duration duration);
    void add(const Latencies& more);

    std::uint64_t count() const { return count_; }
    Duration max() const { return max_; }
    // So many of a hundred took at most that long, told by the upper end of its bucket but never
    // more than the longest; zero when there were none.
    Duration percentile(double percent) const;

private:
    std::vector<std::uint32_t> buckets_;  // as many as were needed
    std::uint64_t count_ = 0;
    Duration max_{0};
};

}  // namespace doorbuster::rehearsal
