#pragma once

#include <optional>
#include <string>
#include <utility>

#include "core/task.hpp"
#include "http/hang_up.hpp"
#include "http/response.hpp"
#include "sandbox/common/ground.hpp"
#include "sandbox/common/pause.hpp"

// The faults that a call of a merchant can meet, whichever protocol it is in.
namespace doorbuster::sandbox {

// How a protocol says what the faults make it say.
struct FailureWords {
    http::Response (*server_error)();
    http::Response (*rate_limited)();
    http::Response (*unknown_order)();
};

inline http::Response hung_up() {
    http::Response response;
    response.status = http::kHangUp;
    return response;
}

// The answer of a fault that strikes before anything is done.
inline std::optional<http::Response> failure_before(
    Faults& faults, const std::string& order, const FailureWords& words
) {
    using Point = Faults::Point;
    if (faults.strikes(Point::server_error, order)) return words.server_error();
    if (faults.strikes(Point::rate_limited, order)) return words.rate_limited();
    if (faults.strikes(Point::unsigned_error, order)) return words.unknown_order();
    if (faults.strikes(Point::reset_before, order)) return hung_up();
    return std::nullopt;
}

// The same after the call has taken effect. Waits when the answer is to be slow.
inline Task<std::optional<http::Response>> failure_after(
    const Ground& ground, std::string order, FailureWords words
) {
    using Point = Faults::Point;
    Faults& faults = ground.faults;
    const Milliseconds slow = ground.options.get().slow_answer;
    if (faults.strikes(Point::reset_after, order)) co_return hung_up();
    if (faults.strikes(Point::error_after, order)) co_return words.server_error();
    if (faults.strikes(Point::slow_answer, order)) co_await pause(slow);
    co_return std::nullopt;
}

}  // namespace doorbuster::sandbox
