#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_set>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/random.hpp"

// An order number is a positive 63-bit integer, from the highest bit:
//
//   41 bits  milliseconds since 2025-01-01T00:00:00Z (until 2094): numbers rise with time
//    5 bits  the user's partition, so that order_no and user_id alike find the partition
//   17 bits  random: a number tells neither the next one nor how many orders there are
namespace doorbuster::orders {

inline constexpr Time kOrderNumberEpoch{std::chrono::sys_days{std::chrono::year{2025} / 1 / 1}};
inline constexpr int kPartitions = 32;

// When the number was made, to the millisecond (later than the truth only under great load or when
// the clock went back).
Time time_of(OrderNo number);
int partition_of(OrderNo number);
int partition_of(UserId user);
// The lowest number that can be made at `time`; for ranges.
OrderNo first_number_at(Time time);

// Makes order numbers. Never makes one twice, even within one millisecond or when the clock goes
// back: time then stands still or runs ahead here. Numbers of other processes, or of this one
// before a restart, can collide, once in 131,072 pairs of one partition and millisecond; the
// primary key tells, and the caller takes another. Thread-safe.
class OrderNumbers {
public:
    OrderNumbers(const Clock& clock, Random& random) : clock_{clock}, random_{random} {}

    OrderNo next(UserId user);

private:
    void move_to(std::int64_t millisecond);

    // Beyond this many in one millisecond the next one is used ahead of time, so that a free tail
    // is always found within a few tries.
    static constexpr std::size_t kPerMillisecondMax = 8192;

    const Clock& clock_;
    Random& random_;
    std::mutex mutex_;
    std::int64_t millisecond_ = 1;            // of the numbers being made
    std::unordered_set<std::uint32_t> made_;  // partition and tail of those
};

}  // namespace doorbuster::orders
