#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "rehearsal/latencies.hpp"

namespace doorbuster::bench {

// Sends HTTP requests that were made beforehand to a server on loopback, each connection its next
// one as soon as it has its answer, until all are answered. One thread and as few system calls as
// can be, because it shares the machine with what it measures. Throws std::runtime_error when a
// connection fails.
class Posts {
public:
    struct Sum {
        std::chrono::nanoseconds took{0};
        double cpu_seconds = 0;  // the generator's own
        rehearsal::Latencies latencies;
        std::map<std::string, std::uint64_t> answers;  // by status
        std::string first_refusal;                     // the first answer other than 200 and 201
    };

    // Connects at once.
    Posts(std::uint16_t port, std::size_t connections);
    ~Posts();
    Posts(const Posts&) = delete;
    Posts& operator=(const Posts&) = delete;

    Sum send(const std::vector<std::string>& requests);

private:
    struct Connection {
        int fd = -1;
        std::chrono::steady_clock::time_point sent{};
        std::string part;  // of an answer
    };
    void connect(Connection& one, std::uint16_t port);
    void send_next(Connection& one);
    void read_from(Connection& one);
    void answered(Connection& one, std::string_view text);

    int epoll_ = -1;
    std::vector<Connection> connections_;
    std::vector<char> buffer_ = std::vector<char>(64 * 1024);
    const std::vector<std::string>* requests_ = nullptr;
    std::size_t next_ = 0;
    std::size_t waiting_ = 0;
    Sum sum_;
};

}  // namespace doorbuster::bench
