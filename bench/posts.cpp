#include "posts.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <stdexcept>

namespace doorbuster::bench {

namespace {

// No answer for so long: the server hangs.
constexpr int kPatienceMs = 30'000;

void check(bool fine, const char* what) {
    if (!fine) throw std::runtime_error{what};
}

double cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto one = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return one(used.ru_utime) + one(used.ru_stime);
}

std::size_t body_size(std::string_view head) {
    static constexpr std::string_view kName = "\r\nContent-Length: ";
    const std::size_t at = head.find(kName);
    check(at != head.npos, "an answer without a length");
    std::size_t size = 0;
    std::from_chars(head.data() + at + kName.size(), head.data() + head.size(), size);
    return size;
}

}  // namespace

Posts::Posts(std::uint16_t port, std::size_t connections)
    : epoll_{::epoll_create1(0)}, connections_(connections) {
    for (Connection& one : connections_) connect(one, port);
}

Posts::~Posts() {
    for (const Connection& one : connections_) ::close(one.fd);
    ::close(epoll_);
}

void Posts::connect(Connection& one, std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    one.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto* address = reinterpret_cast<const sockaddr*>(&to);
    check(one.fd >= 0 && ::connect(one.fd, address, sizeof to) == 0, "cannot connect");
    const int yes = 1;
    ::setsockopt(one.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    epoll_event wanted{EPOLLIN, {.ptr = &one}};
    check(::epoll_ctl(epoll_, EPOLL_CTL_ADD, one.fd, &wanted) == 0, "epoll_ctl");
}

Posts::Sum Posts::send(const std::vector<std::string>& requests) {
    requests_ = &requests;
    next_ = 0;
    sum_ = {};
    const double cpu = cpu_seconds();
    const auto begin = std::chrono::steady_clock::now();
    for (Connection& one : connections_) send_next(one);
    epoll_event ready[512];
    while (waiting_ > 0) {
        const int count = ::epoll_wait(epoll_, ready, 512, kPatienceMs);
        check(count > 0, "no answer comes");
        for (int i = 0; i < count; ++i) read_from(*static_cast<Connection*>(ready[i].data.ptr));
    }
    sum_.took = std::chrono::steady_clock::now() - begin;
    sum_.cpu_seconds = cpu_seconds() - cpu;
    return std::move(sum_);
}

void Posts::send_next(Connection& one) {
    if (next_ == requests_->size()) return;
    const std::string& request = (*requests_)[next_++];
    one.sent = std::chrono::steady_clock::now();
    const auto sent = ::send(one.fd, request.data(), request.size(), MSG_NOSIGNAL);
    check(sent == static_cast<ssize_t>(request.size()), "send");
    ++waiting_;
}

void Posts::read_from(Connection& one) {
    const auto got = ::recv(one.fd, buffer_.data(), buffer_.size(), 0);
    check(got > 0, "the server has closed a connection");
    std::string_view text{buffer_.data(), static_cast<std::size_t>(got)};
    if (!one.part.empty()) text = one.part.append(text);
    const std::size_t head = text.find("\r\n\r\n");
    if (head == text.npos || text.size() < head + 4 + body_size(text.substr(0, head))) {
        if (one.part.empty()) one.part = text;
        return;
    }
    answered(one, text);
    one.part.clear();
    send_next(one);
}

void Posts::answered(Connection& one, std::string_view text) {
    --waiting_;
    const auto took = std::chrono::steady_clock::now() - one.sent;
    sum_.latencies.add(std::chrono::duration_cast<rehearsal::Latencies::Duration>(took));
    const std::string status{text.substr(9, 3)};
    ++sum_.answers[status];
    const bool fine = status == "200" || status == "201";
    if (!fine && sum_.first_refusal.empty()) sum_.first_refusal = text;
}

}  // namespace doorbuster::bench
