#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/task.hpp"

namespace doorbuster {

struct OutboundRequest {
    std::string method = "GET";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::chrono::milliseconds connect_timeout{3000};
    std::chrono::milliseconds total_timeout{10000};
    std::size_t answer_bytes_max = 2 * 1024 * 1024;
    // Webhooks go to addresses that a user typed: refuse loopback and private networks then.
    bool public_addresses_only = false;
};

struct OutboundResponse {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    // A header by name, case-insensitive; empty when absent.
    std::string_view header(std::string_view name) const;
};

// Sends HTTP requests to other systems. TLS certificates are always verified; redirects are not
// followed. Thread-safe.
class HttpClient {
public:
    // No answer: connection refused, lost or timed out. Whether the other side acted is unknown
    // unless `sent` is false.
    class Failed final : public std::runtime_error {
    public:
        Failed(const std::string& reason, bool sent) : std::runtime_error{reason}, sent_{sent} {}
        bool sent() const { return sent_; }

    private:
        bool sent_;
    };

    virtual ~HttpClient() = default;
    // Throws Failed.
    virtual Task<OutboundResponse> send(OutboundRequest request) = 0;
};

}  // namespace doorbuster
