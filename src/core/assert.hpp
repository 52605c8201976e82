#pragma once

namespace doorbuster {

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace doorbuster

// An invariant of ours, checked in release builds too. A failure ends the process: money or stock
// that is wrong in memory must not reach the database.
#define DOORBUSTER_ASSERT(expression) \
    (static_cast<bool>(expression)    \
         ? static_cast<void>(0)       \
         : ::doorbuster::assertion_failed(#expression, __FILE__, __LINE__))
