#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace doorbuster {

using Milliseconds = std::chrono::milliseconds;
// UTC, as stored and compared everywhere.
using Time = std::chrono::sys_time<Milliseconds>;

constexpr std::int64_t to_milliseconds(Time time) { return time.time_since_epoch().count(); }
constexpr Time from_milliseconds(std::int64_t value) { return Time{Milliseconds{value}}; }

// RFC 3339 in UTC with milliseconds: "2026-11-23T08:00:00.000Z".
std::string to_rfc3339(Time time);
// Reads RFC 3339 of years 0 to 9999 in UTC, with up to nine decimals (cut to three); else nothing.
std::optional<Time> from_rfc3339(std::string_view text);

// Where time comes from, so that tests control it. Thread-safe.
class Clock {
public:
    virtual ~Clock() = default;
    // Wall time. May jump; due times are stored in it because they outlive the process.
    virtual Time now() const = 0;
    // Never goes back. For deadlines and durations inside one process.
    virtual std::chrono::steady_clock::time_point steady() const = 0;
};

class SystemClock final : public Clock {
public:
    Time now() const override;
    std::chrono::steady_clock::time_point steady() const override;
};

}  // namespace doorbuster
