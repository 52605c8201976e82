#include "flash_sale/model/sale_clock.hpp"

#include "core/planted.hpp"

#include <algorithm>
#include <cstdlib>

namespace doorbuster::flash_sale {

SaleClock::SaleClock(const Clock& clock)
    : clock_{clock}, offset_{to_milliseconds(clock.now()) - steady_ms()} {}

std::int64_t SaleClock::steady_ms() const {
    return std::chrono::duration_cast<Milliseconds>(clock_.steady().time_since_epoch()).count();
}

// Threads that come here at once may store one after the other what both have found; either is
// true.
Time SaleClock::now() const {
    const std::int64_t wall = to_milliseconds(clock_.now());
    const std::int64_t steady = steady_ms();
    if (planted(Bug::wall_clock_believed)) return from_milliseconds(wall);
    const std::int64_t expected = steady + offset_;
    if (std::abs(wall - expected) <= kTolerance.count()) {
        if (wall != expected) offset_ = wall - steady;  // small corrections are followed
        if (in_doubt()) doubt_since_ = kNoDoubt;
        return from_milliseconds(wall);
    }
    std::int64_t since = kNoDoubt;
    if (doubt_since_.compare_exchange_strong(since, steady)) since = steady;
    if (steady - since < kBelieveAfter.count()) return from_milliseconds(std::min(wall, expected));
    offset_ = wall - steady;
    doubt_since_ = kNoDoubt;
    return from_milliseconds(wall);
}

}  // namespace doorbuster::flash_sale
