#include "lines.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>

#include "process.hpp"

namespace doorbuster::bench {

namespace {

std::size_t body_size(std::string_view head) {
    static constexpr std::string_view kName = "\r\nContent-Length: ";
    const std::size_t at = head.find(kName);
    check(at != head.npos, "an answer without a length");
    std::size_t size = 0;
    std::from_chars(head.data() + at + kName.size(), head.data() + head.size(), size);
    return size;
}

}  // namespace

Lines::Lines(std::uint16_t port, std::size_t count) : epoll_{::epoll_create1(0)}, lines_(count) {
    for (std::size_t line = 0; line < count; ++line) connect(line, port);
}

Lines::~Lines() {
    for (const Line& one : lines_) ::close(one.fd);
    ::close(epoll_);
}

void Lines::connect(std::size_t line, std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    lines_[line].fd = fd;
    const auto* address = reinterpret_cast<const sockaddr*>(&to);
    check(fd >= 0 && ::connect(fd, address, sizeof to) == 0, "cannot connect");
    const int yes = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    epoll_event wanted{EPOLLIN, {.u64 = line}};
    check(::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &wanted) == 0, "epoll_ctl");
}

void Lines::send(std::size_t line, const std::string& request) {
    lines_[line].part.clear();
    const auto sent = ::send(lines_[line].fd, request.data(), request.size(), MSG_NOSIGNAL);
    check(sent == static_cast<ssize_t>(request.size()), "send");
}

const std::vector<std::size_t>& Lines::wait(int milliseconds) {
    epoll_event events[512];
    const int count = ::epoll_wait(epoll_, events, 512, milliseconds);
    ready_.clear();
    for (int i = 0; i < count; ++i) ready_.push_back(events[i].data.u64);
    return ready_;
}

std::optional<Answer> Lines::read(std::size_t line) {
    Line& one = lines_[line];
    const auto got = ::recv(one.fd, buffer_.data(), buffer_.size(), 0);
    check(got > 0, "the server has closed a connection");
    std::string_view text{buffer_.data(), static_cast<std::size_t>(got)};
    if (!one.part.empty()) text = one.part.append(text);
    const std::size_t head = text.find("\r\n\r\n");
    if (head == text.npos || text.size() < head + 4 + body_size(text.substr(0, head))) {
        if (one.part.empty()) one.part = text;
        return std::nullopt;
    }
    return Answer{text.substr(9, 3), text, text.substr(head + 4)};
}

}  // namespace doorbuster::bench
