#include "rehearsal/http_line.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes the frame allocator of Asio's coroutines for a mismatched pair when it inlines them.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

namespace doorbuster::rehearsal {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Await = asio::use_awaitable_t<Executor>;
constexpr asio::as_tuple_t<Await> kAwait{Await{}};

bool same_word(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c =
            text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] | 0x20) : text[i];
        if (c != lower[i]) return false;
    }
    return true;
}

template <class Number>
Number number_of(std::string_view text) {
    Number value{};
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

std::string_view Answer::field(std::string_view name) const {
    for (std::size_t at = body.find(name); at != std::string_view::npos;
         at = body.find(name, at + 1)) {
        const std::size_t end = at + name.size();
        const bool quoted = at > 0 && body[at - 1] == '"' && body.substr(end, 2) == "\":";
        if (!quoted) continue;
        std::string_view value = body.substr(end + 2);
        if (value.starts_with('"')) return value.substr(1, value.find('"', 1) - 1);
        return value.substr(0, value.find_first_of(",}]"));
    }
    return {};
}

HttpLine::HttpLine(Executor executor, std::uint16_t port) : socket_{executor}, port_{port} {}

void HttpLine::close() {
    error_code ignored;
    socket_.close(ignored);
    open_ = false;
}

void HttpLine::expire(Instant now) {
    if (busy_ && now >= deadline_) close();
}

void HttpLine::write_request(const Call& call) {
    out_.clear();
    out_.append(call.method).append(" ").append(call.path).append(" HTTP/1.1\r\nHost: x\r\n");
    if (!call.session.empty()) {
        out_.append("Authorization: Bearer ").append(call.session).append("\r\n");
    }
    if (!call.key.empty()) out_.append("Idempotency-Key: ").append(call.key).append("\r\n");
    if (!call.body.empty()) out_.append("Content-Type: application/json\r\n");
    if (call.method != "GET") {
        out_.append("Content-Length: ").append(std::to_string(call.body.size())).append("\r\n");
    }
    out_.append("\r\n").append(call.body);
}

Task<bool> HttpLine::connect() {
    const tcp::endpoint server{asio::ip::address_v4::loopback(), port_};
    const auto [failure] = co_await socket_.async_connect(server, kAwait);
    if (failure) {
        close();
        co_return false;
    }
    error_code ignored;
    socket_.set_option(tcp::no_delay{true}, ignored);
    open_ = true;
    closing_ = false;
    co_return true;
}

// Everything up to the empty line is there.
bool HttpLine::read_head(std::size_t end) {
    const std::string_view head{in_.data(), end};
    if (!head.starts_with("HTTP/1.1 ")) return false;
    answer_.status = number_of<int>(head.substr(9, 3));
    body_size_ = 0;
    for (std::size_t at = head.find("\r\n");
         at != std::string_view::npos && at + 2 < head.size();) {
        const std::size_t next = std::min(head.find("\r\n", at + 2), head.size());
        const std::string_view line = head.substr(at + 2, next - at - 2);
        const std::size_t colon = std::min(line.find(':'), line.size());
        const std::string_view name = line.substr(0, colon);
        std::string_view value = line.substr(std::min(colon + 1, line.size()));
        while (value.starts_with(' ')) value.remove_prefix(1);
        if (same_word(name, "content-length")) body_size_ = number_of<std::size_t>(value);
        if (same_word(name, "connection")) closing_ = same_word(value, "close");
        if (same_word(name, "retry-after")) answer_.retry_after = number_of<int>(value);
        if (same_word(name, "idempotent-replayed")) answer_.replayed = value == "true";
        at = next == head.size() ? std::string_view::npos : next;
    }
    return answer_.status >= 100 && body_size_ <= kAnswerBytesMax;
}

Task<bool> HttpLine::exchange() {
    const auto [unsent, sent] = co_await asio::async_write(socket_, asio::buffer(out_), kAwait);
    if (unsent) co_return false;
    std::size_t have = 0;
    std::size_t head_end = std::string::npos;
    while (head_end == std::string::npos || have < body_at_ + body_size_) {
        if (in_.size() < have + 4096) in_.resize(have + 8192);
        if (in_.size() > kAnswerBytesMax + 65'536) co_return false;
        const auto [failure, more] = co_await socket_.async_read_some(
            asio::buffer(in_.data() + have, in_.size() - have), kAwait
        );
        if (failure) co_return false;
        have += more;
        if (head_end != std::string::npos) continue;
        head_end = std::string_view{in_.data(), have}.find("\r\n\r\n");
        if (head_end == std::string::npos) continue;
        if (!read_head(head_end)) co_return false;
        body_at_ = head_end + 4;
    }
    co_return true;
}

Task<Answer> HttpLine::ask(const Call& call, Instant deadline) {
    answer_ = {};
    write_request(call);
    deadline_ = deadline;
    busy_ = true;
    bool done = open_;
    if (!open_) done = co_await connect();
    if (done) done = co_await exchange();
    busy_ = false;
    if (done) {
        answer_.body = std::string_view{in_.data() + body_at_, body_size_};
    } else {
        answer_ = {};
    }
    if (!done || closing_) close();
    co_return answer_;
}

}  // namespace doorbuster::rehearsal
