#pragma once

#include "core/clock.hpp"

namespace doorbuster::simulation {

using Microseconds = std::chrono::microseconds;

// Steady time is the true time of a world and is moved by its scheduler alone. Wall time may be set
// wrong by `jump`.
class SimClock final : public Clock {
public:
    static constexpr Time kStart = from_milliseconds(1'790'000'000'000);

    Time now() const override { return true_now() + jumped_; }
    std::chrono::steady_clock::time_point steady() const override {
        return std::chrono::steady_clock::time_point{passed_};
    }
    // What wall time would be if nobody had ever set it wrong.
    Time true_now() const { return kStart + std::chrono::floor<Milliseconds>(passed_); }
    Microseconds passed() const { return passed_; }

    void move_to(Microseconds passed) { passed_ = passed; }
    // From now on wall time is this much ahead of the truth; zero puts it right.
    void set_wrong_by(Milliseconds difference) { jumped_ = difference; }
    Milliseconds wrong_by() const { return jumped_; }

private:
    Microseconds passed_{0};
    Milliseconds jumped_{0};
};

}  // namespace doorbuster::simulation
