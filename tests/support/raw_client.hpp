#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace doorbuster::test {

// One HTTP answer as it came over the wire.
struct RawAnswer {
    int status = 0;  // 0: the connection ended before a whole answer
    std::string head;
    std::string body;

    // A header by its exact name; empty when absent.
    std::string header(const std::string& name) const {
        const auto at = head.find("\r\n" + name + ": ");
        if (at == std::string::npos) return {};
        const auto begin = at + name.size() + 4;
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
};

// A blocking client that sends exactly the bytes it is given. Reads give up after 20 seconds, so
// that a server that does not answer fails a test instead of stopping it.
class RawClient {
public:
    static RawClient tcp(std::uint16_t port, const char* address = "127.0.0.1") {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        inet_pton(AF_INET, address, &to.sin_addr);
        return RawClient{AF_INET, reinterpret_cast<const sockaddr*>(&to), sizeof to};
    }
    static RawClient unix_socket(const std::string& path) {
        sockaddr_un to{};
        to.sun_family = AF_UNIX;
        std::strncpy(to.sun_path, path.c_str(), sizeof to.sun_path - 1);
        return RawClient{AF_UNIX, reinterpret_cast<const sockaddr*>(&to), sizeof to};
    }
    RawClient(RawClient&& other) noexcept : fd_{other.fd_}, input_{std::move(other.input_)} {
        other.fd_ = -1;
    }
    ~RawClient() { close(); }

    void close() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    // No more will be sent.
    void finish() { ::shutdown(fd_, SHUT_WR); }

    // False: the other side has closed.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    // The next answer. `has_body` is false for answers to HEAD.
    RawAnswer receive(bool has_body = true) {
        RawAnswer answer;
        std::size_t end = std::string::npos;
        while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
            if (!read_more()) return answer;
        }
        answer.head = input_.substr(0, end + 2);
        input_.erase(0, end + 4);
        const std::string length = answer.header("Content-Length");
        const std::size_t size =
            has_body && !length.empty() ? std::strtoul(length.c_str(), nullptr, 10) : 0;
        while (input_.size() < size) {
            if (!read_more()) return answer;
        }
        answer.body = input_.substr(0, size);
        input_.erase(0, size);
        answer.status = std::atoi(answer.head.c_str() + 9);
        return answer;
    }
    // What comes next of an answer that goes on, up to and with `end`; empty when the connection
    // ends before it.
    std::string receive_until(std::string_view end) {
        std::size_t at = std::string::npos;
        while ((at = input_.find(end)) == std::string::npos) {
            if (!read_more()) return {};
        }
        const std::string text = input_.substr(0, at + end.size());
        input_.erase(0, at + end.size());
        return text;
    }
    RawAnswer ask(std::string_view request) {
        send(request);
        return receive();
    }

    // Something has come, or the other side has closed.
    bool readable() const {
        pollfd waiting{fd_, POLLIN, 0};
        return !input_.empty() || ::poll(&waiting, 1, 0) > 0;
    }

    // True when the other side closes and nothing unread is left.
    bool at_end() { return input_.empty() && !read_more() && !timed_out_; }

private:
    RawClient(int family, const sockaddr* to, socklen_t size)
        : fd_{::socket(family, SOCK_STREAM, 0)} {
        const timeval patience{20, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        const int on = 1;
        if (family == AF_INET) ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (::connect(fd_, to, size) != 0) {
            ::close(fd_);
            throw std::runtime_error{"cannot connect"};
        }
    }

    bool read_more() {
        char bytes[16 * 1024];
        const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
        timed_out_ = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
        if (got <= 0) return false;
        input_.append(bytes, static_cast<std::size_t>(got));
        return true;
    }

    int fd_;
    std::string input_;
    bool timed_out_ = false;
};

}  // namespace doorbuster::test
