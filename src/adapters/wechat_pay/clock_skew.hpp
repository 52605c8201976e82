#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string_view>

#include "core/clock.hpp"

namespace doorbuster::wechat_pay {

// Reads the fixed form of an HTTP date: "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text);

// How far this machine's clock is from WeChat Pay's, by the Date header of its answers. Beyond five
// minutes nothing verifies in either direction, so more than 60 seconds is logged as an error, at
// most every ten minutes. Thread-safe.
class ClockSkew {
public:
    explicit ClockSkew(const Clock& clock) : clock_{clock} {}

    void observe(std::string_view date_header);
    // Positive: ours is ahead.
    std::chrono::seconds seconds() const { return std::chrono::seconds{seconds_.load()}; }

private:
    bool may_log();

    const Clock& clock_;
    std::atomic<std::int64_t> seconds_{0};
    std::atomic<std::int64_t> next_log_{0};  // milliseconds of the steady clock
};

}  // namespace doorbuster::wechat_pay
