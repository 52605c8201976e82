#pragma once

#include <mutex>
#include <string>

#include "core/clock.hpp"

namespace doorbuster::sandbox {

struct SandboxOptions {
    // Multiplies the documented waits: between deliveries of a notification (0.01 makes 15 s
    // 150 ms), between refunds of one order, and until a refund is done.
    double time_scale = 1.0;
    // How long the faults of these names take.
    Milliseconds slow_answer{15'000};
    Milliseconds notification_delay{30'000};
    // How long a refund of WeChat Pay, or one of Alipay that did not move at once, is under way.
    Milliseconds refund_time{3'000};
    // WeChat Pay signs with a platform certificate instead of its public key.
    bool platform_certificates = false;
    // Bills can be had at any time, for the running day too. The providers make them the next day.
    bool bills_at_once = false;
    // Anyone may use the control routes, not this machine alone.
    bool open_control = false;
    // Where the simulator is reached, for requests that do not say (no Host).
    std::string origin = "http://127.0.0.1:8080";
};

// Options that may be changed while the simulator runs. Thread-safe.
class LiveOptions {
public:
    explicit LiveOptions(SandboxOptions options) : options_{std::move(options)} {}

    SandboxOptions get() const {
        const std::lock_guard lock{mutex_};
        return options_;
    }
    void set(SandboxOptions options) {
        const std::lock_guard lock{mutex_};
        options_ = std::move(options);
    }
    Milliseconds scaled(Milliseconds real) const {
        const std::lock_guard lock{mutex_};
        const std::chrono::duration<double, std::milli> whole{real};
        return std::chrono::ceil<Milliseconds>(whole * options_.time_scale);
    }

private:
    mutable std::mutex mutex_;
    SandboxOptions options_;
};

}  // namespace doorbuster::sandbox
