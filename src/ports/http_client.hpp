#pragma once

#include <chrono>
#include <filesystem>
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
    // When set, the body of an answer with a status of 2xx goes to this file as it comes, and not
    // into memory; what was there is replaced. Of answers with other statuses, and of failures,
    // nothing is left there: their bodies, of at most 2 MiB, are in the response as always. The
    // folder must exist. One request per file at a time.
    std::filesystem::path save_to = {};
};

struct OutboundResponse {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;  // empty when it was saved to a file

    // A header by name, case-insensitive; empty when absent.
    std::string_view header(std::string_view name) const;
};

// Sends HTTP requests to other systems. TLS certificates are always verified; redirects are not
// followed. Thread-safe.
//
// The deadline and the bound of `answer_bytes_max` hold for saved answers too, where they are to be
// set as wide as the file may be.
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
