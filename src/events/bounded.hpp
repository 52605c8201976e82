#pragma once

#include <cstddef>
#include <functional>

#include "core/task.hpp"

namespace doorbuster::events {

// Runs work(0) … work(count - 1) on the caller's loop, at most `at_once` of them at a time, and
// returns when all have ended. `work` handles its own failures; one that throws ends alone and the
// first such exception is thrown here after the others have ended.
Task<void> for_each_bounded(
    std::size_t count, std::size_t at_once, std::function<Task<void>(std::size_t)> work
);

}  // namespace doorbuster::events
