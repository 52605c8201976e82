#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <string_view>

#include "core/task.hpp"
#include "rehearsal/plan.hpp"

namespace doorbuster::rehearsal {

// What came back. The views live until the line's next request.
struct Answer {
    int status = 0;  // 0: none came
    bool replayed = false;
    int retry_after = 0;  // seconds, if told
    std::string_view body;

    // A text or number of the body's JSON by its name, as written there; empty when absent. For
    // names that occur once, of values without escapes.
    std::string_view field(std::string_view name) const;
};

struct Call {
    std::string_view method = "POST";
    std::string_view path;
    std::string_view session = {};  // a bearer token
    std::string_view key = {};      // an idempotency key
    std::string_view body = {};     // JSON
};

// One keep-alive connection to a server on this machine, one request at a time; connects anew when
// it must. As lean as can be, because it shares the machine with what it measures. Not thread-safe.
class HttpLine {
public:
    static constexpr std::size_t kAnswerBytesMax = 1024 * 1024;

    HttpLine(Executor executor, std::uint16_t port);

    // Never throws for what the other side does. A request on a kept connection that turns out to
    // be closed is not sent again: whether it was done is not known.
    Task<Answer> ask(const Call& call, Instant deadline);
    // To be called now and then: ends the request whose deadline has passed.
    void expire(Instant now);

private:
    Task<bool> connect();
    Task<bool> exchange();
    bool read_head(std::size_t end);
    void write_request(const Call& call);
    void close();

    boost::asio::ip::tcp::socket socket_;
    const std::uint16_t port_;
    bool open_ = false;
    bool busy_ = false;
    bool closing_ = false;  // the server said so
    Instant deadline_{};
    std::string out_;
    std::string in_;
    std::size_t body_at_ = 0;
    std::size_t body_size_ = 0;
    Answer answer_;
};

}  // namespace doorbuster::rehearsal
