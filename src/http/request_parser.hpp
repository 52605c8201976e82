#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/chunk_reader.hpp"
#include "http/request.hpp"

namespace doorbuster::http {

// Reads HTTP/1.0 and 1.1 requests from a growing input, one after the other. Strict where two
// programs could read one request differently (request smuggling): a line ends in CR LF, a request
// has one length or is chunked and nothing else, header lines are not folded, HTTP/1.1 has one
// Host.
//
//     consumed = parser.read_head(input);   // until head_done() or fault()
//     parser.limit_body(bytes);             // once the route is known
//     consumed = parser.read_body(input);   // until done() or fault()
//     ... use head() and body(), then parser.reset()
//
// Views point into the input of `read_head` and `read_body`; see `keep_head`.
class RequestParser {
public:
    static constexpr std::size_t kHeadBytesMax = 16 * 1024;
    static constexpr std::size_t kHeadersMax = 100;
    static constexpr std::size_t kEmptyLineBytesMax = 4 * 1024;  // before a request

    // Why a request is refused. The connection ends after it: where the next request would begin
    // is not known for sure.
    struct Fault {
        int status = 0;
        std::string_view reason;
    };

    struct Head {
        std::string_view method;  // as sent
        std::optional<Method> known_method;
        std::string_view target;
        std::string_view path;
        std::string_view query;
        std::vector<Request::Header> headers;
        bool http11 = false;
        bool keep_alive = false;
        bool chunked = false;
        bool expects_continue = false;
        std::uint64_t content_length = 0;
    };

    RequestParser();
    ~RequestParser();

    // Returns how many bytes of the front of `input` were used: all of a head, or nothing.
    std::size_t read_head(std::string_view input);
    // Between head and body. Sets a fault (413) when the announced length is larger.
    void limit_body(std::size_t bytes_max);
    std::size_t read_body(std::string_view input);
    // Copies the head, whose texts lie in the input until now, so that the input may move.
    void keep_head();
    // Forgets the request, for the next one.
    void reset();
    // The same, and frees all memory: no request follows.
    void release();

    bool head_done() const { return head_done_; }
    bool done() const { return done_; }
    const std::optional<Fault>& fault() const { return fault_; }
    const Head& head() const { return head_; }
    std::string_view body() const { return body_; }

private:
    class Message;

    std::optional<std::size_t> find_head_end(std::string_view input);
    void check_head();
    void check_lengths();
    void check_host();
    void split_target();
    std::size_t read_known_length(std::string_view input);
    std::size_t read_chunks(std::string_view input);
    void fail(int status, std::string_view reason);

    Head head_;
    std::optional<Fault> fault_;
    bool head_done_ = false;
    bool done_ = false;
    std::size_t scanned_ = 0;  // of the input, while the end of the head is searched
    std::size_t line_ = 0;     // where the line under the search begins
    std::string_view head_bytes_;
    std::string kept_head_;
    std::string body_text_;
    std::string_view body_;
    ChunkReader chunks_;
    std::unique_ptr<Message> message_;
};

}  // namespace doorbuster::http
