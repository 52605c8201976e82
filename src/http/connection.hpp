#pragma once

#include <memory>
#include <string>

#include "http/event_sender.hpp"
#include "http/input_buffer.hpp"
#include "http/listener.hpp"
#include "http/request_parser.hpp"
#include "http/shard.hpp"

namespace doorbuster::http {

// Who is at the other end of a connection.
struct Peer {
    std::string address;
    bool local = false;    // by the Unix socket
    bool refused = false;  // there are too many connections: to be told and closed
};

// One client connection: reads into one buffer, answers all requests in it in order into one text,
// writes that once. Lives in its coroutine, on one loop.
class Connection {
public:
    Connection(std::shared_ptr<Shard> shard, Socket socket, Peer peer);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Task<void> run();

    void expire_if_late(Shard::Instant now);
    void close_if_idle();
    void cut();

private:
    // What has to happen before the connection can go on.
    enum class Step { read, write, dispatch, stream, close };
    // What the deadline is for.
    enum class Phase { none, idle, reading, handling, writing, streaming, draining };

    Step advance();
    bool request_ready();
    void begin_request();
    void fill_request();
    void choose_request_id();
    void await_body();
    void finish(Response& response);
    void begin_stream(Response& response);
    std::string_view route_pattern() const;
    void record(int status, std::size_t bytes);
    void refuse_fault(const RequestParser::Fault& fault);
    bool in_request() const { return !in_.empty() || parser_.head_done(); }
    void enter_reading();
    Milliseconds at_rate(std::uint64_t bytes) const;
    bool send_now();

    Task<bool> send_rest();
    Task<bool> receive();
    Task<void> drain();
    Task<void> stream();

    std::shared_ptr<Shard> shard_;
    Edge& edge_;
    Socket socket_;
    Peer peer_;
    bool trusted_;
    Shard::Place place_;

    InputBuffer in_;
    std::string out_;
    std::size_t sent_ = 0;  // of out_
    HeldBytes out_held_;
    HeldBytes body_held_;
    RequestParser parser_;
    Request request_;
    std::string request_id_;
    Router::Match match_;

    std::unique_ptr<EventSender> events_;  // the last answer goes on
    Phase phase_ = Phase::none;
    Shard::Instant deadline_ = Shard::Instant::max();
    Shard::Instant reading_since_{};
    Shard::Instant ready_at_{};
    bool begun_ = false;      // request_ is filled
    bool continued_ = false;  // 100 was sent
    bool expired_ = false;
    bool closing_ = false;
    bool crowded_ = false;     // there is no room for the body
    bool must_drain_ = false;  // input is left unread: closing at once could destroy the answer
};

// Runs a connection to its end.
Task<void> serve(std::shared_ptr<Shard> shard, Socket socket, Peer peer);

}  // namespace doorbuster::http
