#pragma once

#include <chrono>
#include <memory>

#include "core/task.hpp"

namespace doorbuster::events {

// Lets one loop sleep until it is woken or time has passed. A call of wake() while the loop is busy
// is not lost: its next wait() returns at once.
class Wakeup {
public:
    Wakeup();
    // By the one loop that sleeps.
    Task<void> wait(std::chrono::milliseconds at_most);
    // From any thread, never blocks for long.
    void wake() noexcept;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace doorbuster::events
