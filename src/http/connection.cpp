#include "http/connection.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/envelope.hpp"
#include "http/errors.hpp"
#include "http/hang_up.hpp"
#include "http/rate_limit.hpp"
#include "http/refusal.hpp"
#include "http/response_writer.hpp"
#include "http/text.hpp"
#include "ports/log.hpp"

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes the frame allocator of Asio's coroutines for a mismatched pair when it inlines them.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

namespace doorbuster::http {

namespace {

using boost::system::error_code;
using Await = boost::asio::use_awaitable_t<Executor>;
constexpr boost::asio::as_tuple_t<Await> kAwait{Await{}};

// Answers to pipelined requests are written out when they reach this size.
constexpr std::size_t kOutBytesMax = 256 * 1024;
constexpr std::size_t kBodyBytesMax = RouteOptions::kBodyBytesMax;
constexpr std::size_t kRequestIdMax = 64;
// How long, and for how much, a refused client's leftover input is thrown away.
constexpr Milliseconds kDrainMax{2'000};
constexpr std::size_t kDrainBytesMax = 4 * 1024 * 1024;

constexpr std::string_view kTooManyConnections =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n"
    "Content-Length: 0\r\n\r\n";

bool is_sane_id(std::string_view id) {
    const auto plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '-' || c == '_' || c == '.';
    };
    return !id.empty() && id.size() <= kRequestIdMax && std::all_of(id.begin(), id.end(), plain);
}

// The refusal for a fault, with code and name for clients.
Refusal refusal_of(const RequestParser::Fault& fault) {
    const auto refusal = [&](int code, std::string_view name, std::string_view message) {
        return Refusal{fault.status, code, name, message, {{"", std::string{fault.reason}}}};
    };
    switch (fault.status) {
        case 408:
            return refusal(9011, "request_timeout", "The request did not arrive in time.");
        case 413:
            return refusal(kBodyTooLarge.code, kBodyTooLarge.name, kBodyTooLarge.message);
        case 417:
            return refusal(9012, "expectation_failed", "The expectation cannot be met.");
        case 431:
            return refusal(9013, "header_too_large", "The header of the request is too large.");
        case 503:
            return refusal(kUnavailable.code, kUnavailable.name, kUnavailable.message);
        case 501:
            return refusal(9014, "method_unknown", "This server does not know that method.");
        default:
            return refusal(9010, "bad_request", "The request is not well-formed HTTP.");
    }
}

}  // namespace

Connection::Connection(std::shared_ptr<Shard> shard, Socket socket, Peer peer)
    : shard_{std::move(shard)},
      edge_{shard_->edge()},
      socket_{std::move(socket)},
      peer_{std::move(peer)},
      trusted_{peer_.local || edge_.trusted.trusts(peer_.address)},
      place_{shard_->enter(*this)},
      out_held_{edge_.held},
      body_held_{edge_.held} {}

Connection::~Connection() { shard_->leave(place_); }

// ---- one request -------------------------------------------------------------------------------

// Answers all that can be answered from what was received, without waiting.
Connection::Step Connection::advance() {
    while (!closing_) {
        if (events_) return Step::stream;
        if (out_.size() >= kOutBytesMax) return Step::write;
        if (!request_ready()) {
            if (crowded_) {
                refuse_fault({503, "too many large requests are under way"});
            } else if (parser_.fault()) {
                refuse_fault(*parser_.fault());
            } else {
                return Step::read;
            }
            break;
        }
        auto answer = edge_.router.answer_at_once(request_, match_);
        if (!answer) return Step::dispatch;
        finish(*answer);
    }
    return Step::close;
}

bool Connection::request_ready() {
    if (!parser_.head_done()) {
        if (in_.empty()) return false;
        in_.consume(parser_.read_head(in_.data()));
        if (!parser_.head_done() || parser_.fault()) return false;
        begin_request();
    }
    in_.consume(parser_.read_body(in_.data()));
    crowded_ = !body_held_.set(parser_.body().size());
    if (parser_.fault() || crowded_) return false;
    if (!parser_.done()) {
        await_body();
        return false;
    }
    request_.body = parser_.body();
    if (edge_.measures()) ready_at_ = edge_.clock.steady();
    return true;
}

void Connection::begin_request() {
    begun_ = true;
    continued_ = false;
    fill_request();
    choose_request_id();
    match_ = edge_.router.match(request_);
    parser_.limit_body(match_.route ? match_.route->options.body_bytes_max : kBodyBytesMax);
}

void Connection::fill_request() {
    const RequestParser::Head& head = parser_.head();
    request_.method = *head.known_method;
    request_.target = head.target;
    request_.path = head.path;
    request_.query = head.query;
    request_.headers = head.headers;
    request_.body = {};
    request_.local = peer_.local;
    const bool proxied = trusted_ && !peer_.local;
    request_.secure = edge_.options.https || (proxied && forwarded_as_https(request_));
    request_.remote_address = peer_.address;
    if (proxied) request_.remote_address = edge_.trusted.client_of(request_, peer_.address);
}

void Connection::choose_request_id() {
    request_.principal.reset();
    request_.app.reset();
    const std::string_view given = trusted_ ? request_.header("x-request-id") : std::string_view{};
    if (is_sane_id(given)) {
        request_id_.assign(given);
    } else {
        shard_->next_request_id(request_id_);
    }
    request_.id = request_id_;
}

// The input buffer is going to move under the head.
void Connection::await_body() {
    parser_.keep_head();
    fill_request();
    if (parser_.head().expects_continue && parser_.head().http11 && !continued_) {
        out_ += "HTTP/1.1 100 Continue\r\n\r\n";
        continued_ = true;
    }
}

std::string_view Connection::route_pattern() const {
    return match_.route ? std::string_view{match_.route->pattern} : std::string_view{};
}

void Connection::finish(Response& response) {
    if (response.status == kHangUp) {
        closing_ = true;
        return;
    }
    if (!is_sendable(response)) {
        log::error(
            "http.response_refused",
            {{"request_id", request_.id}, {"path", loggable_path(request_.path, route_pattern())}}
        );
        response =
            refuse(request_, {500, 9000, "internal_error", "Something went wrong on our side."});
    }
    if (response.stream) begin_stream(response);
    closing_ = closing_ || shard_->stopping() || (!events_ && !parser_.head().keep_alive);
    const bool keep_alive = !closing_ && !events_;
    const std::size_t before = out_.size();
    const WireContext context{shard_->date(), parser_.head().http11 || !begun_, keep_alive};
    const int status = append_response(out_, request_, response, context);
    if (edge_.measures()) record(status, out_.size() - before);
    parser_.reset();
    body_held_.set(0);
    begun_ = false;
    phase_ = Phase::none;
}

// After the head the connection is the stream's. HEAD gets the head alone.
void Connection::begin_stream(Response& response) {
    if (request_.method == Method::head) return;
    auto entered = edge_.streams.enter(address_key(request_.remote_address));
    if (entered.place) {
        events_ = std::make_unique<EventSender>(
            *shard_, socket_, response.stream, std::move(*entered.place)
        );
        return;
    }
    const bool full = entered.refusal == StreamPlaces::Refusal::full;
    response = failure(request_, full ? kUnavailable : kRateLimited);
    if (!full) response.with("Retry-After", "60");
}

void Connection::record(int status, std::size_t bytes) {
    const auto duration = edge_.clock.steady() - ready_at_;
    if (edge_.metrics) edge_.metrics->count(match_.route, status, duration);
    if (!edge_.access_log) return;
    edge_.access_log->write(
        {begun_ ? to_string(request_.method) : "-",
         request_.path,
         route_pattern(),
         status,
         bytes,
         duration,
         request_.id,
         request_.remote_address}
    );
}

void Connection::refuse_fault(const RequestParser::Fault& fault) {
    if (!begun_) {
        request_ = Request{};
        match_ = {};
        request_.remote_address = peer_.address;
        choose_request_id();
    }
    ready_at_ = edge_.measures() ? edge_.clock.steady() : Shard::Instant{};
    closing_ = must_drain_ = true;
    Response response = refuse(request_, refusal_of(fault));
    finish(response);
}

// ---- waiting -----------------------------------------------------------------------------------

Milliseconds Connection::at_rate(std::uint64_t bytes) const {
    return Milliseconds{static_cast<std::int64_t>(bytes * 1000 / edge_.options.rate_min)};
}

// A deadline counts from the first byte of a request and is not moved by the bytes that follow.
void Connection::enter_reading() {
    if (!in_request()) {
        if (phase_ == Phase::idle) return;
        phase_ = Phase::idle;
        deadline_ = shard_->now() + edge_.options.idle_max;
        return;
    }
    if (phase_ != Phase::reading) reading_since_ = shard_->now();
    phase_ = Phase::reading;
    const std::uint64_t length = parser_.head_done() ? parser_.head().content_length : 0;
    deadline_ = reading_since_ + edge_.options.request_max + at_rate(length);
}

void Connection::expire_if_late(Shard::Instant now) {
    if (phase_ == Phase::streaming) return events_->tick(now);
    if (now < deadline_) return;
    expired_ = true;
    error_code ignored;
    socket_.cancel(ignored);
}

void Connection::close_if_idle() {
    if (phase_ == Phase::streaming) return events_->stop();
    if (phase_ != Phase::idle) return;
    closing_ = true;
    error_code ignored;
    socket_.cancel(ignored);
}

void Connection::cut() {
    closing_ = true;
    if (phase_ == Phase::streaming) events_->stop();
    error_code ignored;
    socket_.close(ignored);
}

// True: more input is here, or an answer to what came too late. False: the connection is over.
Task<bool> Connection::receive() {
    const auto space = in_.space();
    const auto buffer = boost::asio::buffer(space.data(), space.size());
    const auto outcome = co_await socket_.async_read_some(buffer, kAwait);
    if (!std::get<0>(outcome)) {
        expired_ = false;
        in_.received(std::get<1>(outcome));
        co_return true;
    }
    if (!expired_ || !in_request()) co_return false;
    expired_ = false;
    refuse_fault({408, "the request took too long"});
    co_return true;
}

// Most answers go out here, without a wait.
bool Connection::send_now() {
    error_code error;
    sent_ = socket_.write_some(boost::asio::buffer(out_), error);
    if (error || sent_ < out_.size()) return false;
    if (out_.capacity() > 2 * kOutBytesMax) std::string{}.swap(out_);
    out_.clear();
    sent_ = 0;
    return true;
}

Task<bool> Connection::send_rest() {
    if (!out_held_.set(out_.size() - sent_)) co_return false;
    phase_ = Phase::writing;
    deadline_ = shard_->now() + edge_.options.write_max + at_rate(out_.size() - sent_);
    while (sent_ < out_.size()) {
        const auto rest = boost::asio::buffer(out_.data() + sent_, out_.size() - sent_);
        const auto outcome = co_await socket_.async_write_some(rest, kAwait);
        if (std::get<0>(outcome)) co_return false;
        sent_ += std::get<1>(outcome);
    }
    expired_ = false;
    phase_ = Phase::none;
    deadline_ = Shard::Instant::max();
    std::string{}.swap(out_);
    out_held_.set(0);
    sent_ = 0;
    co_return true;
}

// Closing a socket with unread input resets the connection, and the client may lose the answer:
// say that no more will come, and throw its input away for a while.
Task<void> Connection::drain() {
    phase_ = Phase::draining;
    deadline_ = shard_->now() + kDrainMax;
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    for (std::size_t drained = 0; drained < kDrainBytesMax;) {
        in_.consume(in_.data().size());
        const auto space = in_.space();
        const auto buffer = boost::asio::buffer(space.data(), space.size());
        const auto outcome = co_await socket_.async_read_some(buffer, kAwait);
        if (std::get<0>(outcome)) co_return;
        in_.received(std::get<1>(outcome));
        drained += std::get<1>(outcome);
    }
}

// A stream may last an hour and say little: it keeps nothing that a request needed.
Task<void> Connection::stream() {
    in_.release();
    parser_.release();
    std::string{}.swap(out_);
    std::string{}.swap(request_id_);
    std::string{}.swap(peer_.address);
    request_ = Request{};
    match_ = {};
    if (shard_->stopping()) co_return;
    phase_ = Phase::streaming;
    co_await events_->run();
    phase_ = Phase::none;
}

Task<void> Connection::run() {
    error_code ignored;
    socket_.non_blocking(true, ignored);
    if (peer_.refused) {
        out_ = kTooManyConnections;
        closing_ = must_drain_ = true;
    }
    while (true) {
        const Step step = advance();
        if (!out_.empty() && !send_now()) {
            const bool sent = co_await send_rest();
            if (!sent) co_return;
        }
        if (step == Step::close) break;
        if (step == Step::stream) {
            co_await stream();
            co_return;
        }
        if (step == Step::dispatch) {
            phase_ = Phase::handling;
            deadline_ = Shard::Instant::max();
            Response response = co_await edge_.router.dispatch(request_, match_);
            finish(response);
        } else if (step == Step::read) {
            enter_reading();
            const bool open = co_await receive();
            if (!open) co_return;
        }
    }
    if (must_drain_) co_await drain();
}

Task<void> serve(std::shared_ptr<Shard> shard, Socket socket, Peer peer) {
    Connection connection{std::move(shard), std::move(socket), std::move(peer)};
    co_await connection.run();
}

}  // namespace doorbuster::http
