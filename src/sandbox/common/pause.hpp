#pragma once

#include "core/clock.hpp"
#include "core/task.hpp"

namespace doorbuster::sandbox {

// Waits on the caller's event loop.
Task<void> pause(Milliseconds time);

}  // namespace doorbuster::sandbox
