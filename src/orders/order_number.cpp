#include "orders/order_number.hpp"

#include <algorithm>

#include "core/assert.hpp"

namespace doorbuster::orders {
namespace {

constexpr int kTimeBits = 41;
constexpr int kPartitionBits = 5;
constexpr int kTailBits = 17;
static_assert(kTimeBits + kPartitionBits + kTailBits == 63);
static_assert(1 << kPartitionBits == kPartitions);

constexpr std::uint32_t kTailMask = (1u << kTailBits) - 1;

}  // namespace

Time time_of(OrderNo number) {
    return kOrderNumberEpoch + Milliseconds{number.value() >> (kPartitionBits + kTailBits)};
}

int partition_of(OrderNo number) {
    return static_cast<int>(number.value() >> kTailBits) & (kPartitions - 1);
}

int partition_of(UserId user) { return static_cast<int>(user.value() & (kPartitions - 1)); }

OrderNo first_number_at(Time time) {
    const auto millisecond = std::max<std::int64_t>(0, (time - kOrderNumberEpoch).count());
    return OrderNo{millisecond << (kPartitionBits + kTailBits)};
}

OrderNo OrderNumbers::next(UserId user) {
    const auto partition = static_cast<std::uint32_t>(partition_of(user));
    const std::int64_t now = (clock_.now() - kOrderNumberEpoch).count();
    const std::lock_guard lock{mutex_};
    if (now > millisecond_) move_to(now);
    if (made_.size() >= kPerMillisecondMax) move_to(millisecond_ + 1);
    for (;;) {
        const auto tail = static_cast<std::uint32_t>(random_.next_u64()) & kTailMask;
        const std::uint32_t low = (partition << kTailBits) | tail;
        if (!made_.insert(low).second) continue;
        return OrderNo{(millisecond_ << (kPartitionBits + kTailBits)) | low};
    }
}

void OrderNumbers::move_to(std::int64_t millisecond) {
    DOORBUSTER_ASSERT(millisecond > 0 && millisecond < std::int64_t{1} << kTimeBits);
    millisecond_ = millisecond;
    made_.clear();
}

}  // namespace doorbuster::orders
