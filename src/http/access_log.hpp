#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace doorbuster::http {

// One answered request. The views live until `write` returns.
struct AccessRecord {
    std::string_view method;
    std::string_view path;
    std::string_view route;  // the pattern that matched; empty: none
    int status = 0;
    std::size_t bytes = 0;  // sent, with the header
    std::chrono::nanoseconds duration{};
    std::string_view request_id;
    std::string_view remote_address;
};

// A request's path as a log may tell it: without the secret of a one-time link. `route` is the
// pattern that matched, empty when none did.
std::string loggable_path(std::string_view path, std::string_view route);

// Told of every answered request, on the event loops: thread-safe and quick.
class AccessLog {
public:
    virtual ~AccessLog() = default;
    virtual void write(const AccessRecord& record) = 0;
};

// A line "http.request" in the log for each.
class LoggedAccess final : public AccessLog {
public:
    void write(const AccessRecord& record) override;
};

}  // namespace doorbuster::http
