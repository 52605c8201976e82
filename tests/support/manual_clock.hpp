#pragma once

#include <atomic>

#include "core/clock.hpp"

namespace doorbuster::test {

// A clock that stands still until a test moves it. Thread-safe.
class ManualClock final : public Clock {
public:
    explicit ManualClock(Time start = from_milliseconds(1'790'000'000'000))
        : now_{to_milliseconds(start)} {}

    Time now() const override { return from_milliseconds(now_); }
    std::chrono::steady_clock::time_point steady() const override {
        return std::chrono::steady_clock::time_point{Milliseconds{steady_}};
    }
    void advance(Milliseconds by) {
        now_ += by.count();
        steady_ += by.count();
    }
    // Wall time alone, as an operator or NTP may move it.
    void jump(Milliseconds by) { now_ += by.count(); }

private:
    std::atomic<std::int64_t> now_;
    std::atomic<std::int64_t> steady_ = 0;
};

}  // namespace doorbuster::test
