#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string_view>

#include "core/clock.hpp"

namespace doorbuster::pay_wire {

// Reads the fixed form of an HTTP date: "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text);

// How far this machine's clock is from a provider's, by the Date header of its answers. Signed
// times are worth minutes, so more than 60 seconds is logged as an error, at most every ten
// minutes. Thread-safe.
class ClockSkew {
public:
    // `event` is the name of the line in the log and must outlive this.
    ClockSkew(const Clock& clock, std::string_view event) : clock_{clock}, event_{event} {}

    void observe(std::string_view date_header);
    // Positive: ours is ahead.
    std::chrono::seconds seconds() const { return std::chrono::seconds{seconds_.load()}; }

private:
    bool may_log();

    const Clock& clock_;
    const std::string_view event_;
    std::atomic<std::int64_t> seconds_{0};
    std::atomic<std::int64_t> next_log_{0};  // milliseconds of the steady clock
};

}  // namespace doorbuster::pay_wire
