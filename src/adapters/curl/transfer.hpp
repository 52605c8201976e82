#pragma once

#include <curl/curl.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/curl/answer_file.hpp"
#include "adapters/curl/curl_http_client.hpp"

namespace doorbuster::curl {

// What became of a request. A failure is a value until it is back on the caller's thread: an
// exception that two threads hold is counted inside the standard library, where ThreadSanitizer
// cannot see.
struct Outcome {
    struct Failure {
        std::string reason;
        bool sent = false;
    };
    OutboundResponse response;
    std::optional<Failure> failure;
};

// One request on its way: its easy handle, what has come back, and whom to tell.
class Transfer {
public:
    // Called exactly once, on the client's thread or on that of `send`.
    using Finished = std::function<void(Outcome)>;

    Transfer(OutboundRequest request, Finished finished);
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    // Prepares the easy handle. False: the request cannot be sent or its time is already over, and
    // `fail` is to be called.
    bool prepare(const CurlOptions& options);
    CURL* handle() const { return easy_.get(); }
    // Its time has passed while it waited.
    bool is_over() const { return remaining().count() <= 0; }

    // Ends the request with what libcurl said of it.
    void finish(CURLcode code);
    void fail(const std::string& reason);

private:
    static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
    static int on_connected(void* self, char* address, char* local, int port, int local_port);
    static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);

    std::chrono::milliseconds remaining() const;
    bool add_headers();
    void set_method();
    void set_limits(const CurlOptions& options, std::chrono::milliseconds left);
    void set_callbacks();
    bool take_header(std::string_view line);
    bool take_body(std::string_view bytes);
    bool save(std::string_view bytes);
    bool hold(std::string_view bytes);
    int status() const;
    std::string reason_of(CURLcode code) const;

    struct FreeEasy {
        void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
    };
    struct FreeList {
        void operator()(curl_slist* list) const { curl_slist_free_all(list); }
    };

    OutboundRequest request_;
    Finished finished_;
    std::chrono::steady_clock::time_point submitted_;
    std::unique_ptr<curl_slist, FreeList> header_list_;
    OutboundResponse response_;
    std::optional<AnswerFile> file_;  // when the body is to be saved
    std::size_t header_bytes_ = 0;
    bool headers_done_ = false;
    bool sent_ = false;
    std::string refusal_;  // ours, more telling than libcurl's "aborted by callback"
    char curl_reason_[CURL_ERROR_SIZE] = {};
    std::unique_ptr<CURL, FreeEasy> easy_;  // last: it points at the members above
};

}  // namespace doorbuster::curl
