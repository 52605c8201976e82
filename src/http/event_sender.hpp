#pragma once

#include <memory>

#include "http/event_stream.hpp"
#include "http/listener.hpp"
#include "http/shard.hpp"
#include "http/stream_places.hpp"

namespace doorbuster::http {

// The part of a connection that sends events, once the head of the answer is out: sleeps until the
// source rings, a heartbeat is due, the client goes, the stream's time is over, or the server
// stops. Has no timer and no buffer: the texts are the source's, and the shard's tick looks at the
// time. All on the connection's loop.
class EventSender {
public:
    EventSender(
        Shard& shard, Socket& socket, std::shared_ptr<EventSource> source, StreamPlaces::Place place
    );
    ~EventSender();
    EventSender(const EventSender&) = delete;
    EventSender& operator=(const EventSender&) = delete;

    // Returns when the stream is over.
    Task<void> run();

    void tick(Shard::Instant now);
    void stop();

private:
    class LoopBell;

    void push();
    bool flush();
    void look_again();
    bool drop_input();

    Shard& shard_;
    Socket& socket_;
    StreamPlaces::Place place_;
    std::shared_ptr<LoopBell> bell_;
    std::shared_ptr<EventSource> source_;

    EventText text_;        // what the client has not taken wholly
    std::size_t sent_ = 0;  // of it
    bool behind_ = false;   // the client takes nothing at the moment
    bool over_ = false;
    std::size_t dropped_ = 0;  // bytes of input
    const Milliseconds heartbeat_;
    Shard::Instant ends_;
    Shard::Instant deadline_;  // for the next heartbeat, or for the client to take what is there
};

}  // namespace doorbuster::http
