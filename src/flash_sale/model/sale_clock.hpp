#pragma once

#include <atomic>

#include "core/clock.hpp"

namespace doorbuster::flash_sale {

// The time by which sales open and close. Wall time may jump, by a wrong setting or its correction;
// a sale must not open early for that. So wall time is held against what the steady clock makes of
// the last time that was believed. While the two differ by more than kTolerance, the earlier of
// them counts; when they have differed for kBelieveAfter, wall time is believed. Thread-safe.
class SaleClock {
public:
    static constexpr Milliseconds kTolerance{2'000};
    static constexpr Milliseconds kBelieveAfter = std::chrono::minutes{10};

    explicit SaleClock(const Clock& clock);

    Time now() const;
    // Wall time and the time that counts differ.
    bool in_doubt() const { return doubt_since_ != kNoDoubt; }

private:
    static constexpr std::int64_t kNoDoubt = -1;
    std::int64_t steady_ms() const;

    const Clock& clock_;
    // Wall time less steady time, when wall time was last believed.
    mutable std::atomic<std::int64_t> offset_;
    mutable std::atomic<std::int64_t> doubt_since_ = kNoDoubt;  // steady
};

}  // namespace doorbuster::flash_sale
