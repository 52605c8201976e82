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

// What faults of single orders go by where there is none. Rates are of calls about orders: these
// are struck by name only.
inline constexpr const char* kBillFile = "bill file";
inline constexpr const char* kCertificates = "certificates";

// A file has no signature to spoil: it is cut, or something else altogether.
inline std::string spoilt_file(Faults& faults, std::string file) {
    using Point = Faults::Point;
    if (faults.strikes(Point::answer_truncated, kBillFile)) file.resize(file.size() / 2);
    if (faults.strikes(Point::answer_not_json, kBillFile)) file = "<html>系统繁忙</html>";
    return file;
}

}  // namespace doorbuster::sandbox
