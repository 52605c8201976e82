#include "http/event_sender.hpp"

#include <array>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes the frame allocator of Asio's coroutines for a mismatched pair when it inlines them.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

namespace doorbuster::http {

namespace {

using boost::system::error_code;
using Await = boost::asio::use_awaitable_t<Executor>;
constexpr boost::asio::as_tuple_t<Await> kAwait{Await{}};

// What the system may hold for a client that takes nothing; the kernel doubles it.
constexpr int kSendBufferBytes = 8 * 1024;
// A client has nothing to say on a stream. Who says more is cut.
constexpr std::size_t kInputBytesMax = 4 * 1024;
// Streams that were opened at once do not all beat, or end, at once.
constexpr std::uint64_t kHeartbeatSpread = 10;  // seconds
constexpr std::uint64_t kEndSpread = 64;        // steps of a tenth of the time

const EventText& heartbeat_text() {
    static const EventText kText = std::make_shared<const std::string>(":\n\n");
    return kText;
}

}  // namespace

// Outlives the sender when the source still has it; then it is silent.
class EventSender::LoopBell final : public Bell, public std::enable_shared_from_this<LoopBell> {
public:
    LoopBell(Executor executor, EventSender* sender) : executor_{executor}, sender_{sender} {}

    void ring() override {
        if (rung_.exchange(true)) return;
        boost::asio::post(executor_, [self = shared_from_this()] { self->wake(); });
    }
    // On the loop.
    void silence() { sender_ = nullptr; }

private:
    void wake() {
        rung_ = false;  // before the look: what comes after it rings again
        if (sender_) sender_->push();
    }

    const Executor executor_;
    EventSender* sender_;  // on the loop only
    std::atomic<bool> rung_ = false;
};

EventSender::EventSender(
    Shard& shard, Socket& socket, std::shared_ptr<EventSource> source, StreamPlaces::Place place
)
    : shard_{shard},
      socket_{socket},
      place_{std::move(place)},
      bell_{std::make_shared<LoopBell>(socket.get_executor(), this)},
      source_{std::move(source)},
      heartbeat_{
          shard.edge().options.stream_heartbeat +
          std::chrono::seconds{shard.spread() % kHeartbeatSpread}},
      deadline_{shard.now() + heartbeat_} {
    const Milliseconds most = shard.edge().options.stream_max;
    const auto step = static_cast<std::int64_t>(shard.spread() % kEndSpread);
    ends_ = shard.now() + most - most * step / (10 * static_cast<std::int64_t>(kEndSpread));
}

EventSender::~EventSender() { bell_->silence(); }

Task<void> EventSender::run() {
    error_code ignored;
    socket_.set_option(boost::asio::socket_base::send_buffer_size{kSendBufferBytes}, ignored);
    source_->open(bell_);
    flush();
    while (!over_) {
        const auto event = behind_ ? Socket::wait_write : Socket::wait_read;
        co_await socket_.async_wait(event, kAwait);
        if (over_) break;
        if (behind_) {
            flush();
        } else if (!text_ && !drop_input()) {
            break;
        }
    }
}

// Sends what is new, without the coroutine: it is woken only when the client does not keep up.
void EventSender::push() {
    if (behind_ || over_) return;
    if (!flush()) look_again();
}

// True: the client has all there is.
bool EventSender::flush() {
    while (true) {
        if (!text_) {
            text_ = source_->next();
            sent_ = 0;
        }
        if (!text_) break;
        error_code error;
        const auto rest = boost::asio::buffer(text_->data() + sent_, text_->size() - sent_);
        const std::size_t count = socket_.write_some(rest, error);
        if (error && error != boost::asio::error::would_block) over_ = true;
        if (error || count < rest.size()) {
            sent_ += count;
            if (!behind_) deadline_ = shard_.now() + shard_.edge().options.write_max;
            behind_ = true;
            return false;
        }
        text_.reset();
        deadline_ = shard_.now() + heartbeat_;
        behind_ = false;
    }
    return true;
}

void EventSender::tick(Shard::Instant now) {
    if (now >= ends_ || (behind_ && now >= deadline_)) return stop();
    if (now < deadline_) return;
    text_ = heartbeat_text();  // there is no other: the client is not behind
    sent_ = 0;
    push();
}

void EventSender::stop() {
    over_ = true;
    look_again();
}

// Ends the wait of the coroutine.
void EventSender::look_again() {
    error_code ignored;
    socket_.cancel(ignored);
}

// False: the client has gone, or does not behave.
bool EventSender::drop_input() {
    std::array<char, 512> bytes;
    while (dropped_ <= kInputBytesMax) {
        error_code error;
        dropped_ += socket_.read_some(boost::asio::buffer(bytes), error);
        if (error) return error == boost::asio::error::would_block;
    }
    return false;
}

}  // namespace doorbuster::http
