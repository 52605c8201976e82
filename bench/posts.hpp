#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lines.hpp"
#include "rehearsal/latencies.hpp"

namespace doorbuster::bench {

// Sends requests to a server on loopback, on each line the next one as soon as it has its answer,
// until all are answered. One thread. Throws std::runtime_error when a connection fails.
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
    Posts(std::uint16_t port, std::size_t connections)
        : lines_{port, connections}, sent_(connections) {}

    Sum send(const std::vector<std::string>& requests);

private:
    void send_next(std::size_t line);
    void answered(std::size_t line, const Answer& answer);

    Lines lines_;
    std::vector<std::chrono::steady_clock::time_point> sent_;  // by line
    const std::vector<std::string>* requests_ = nullptr;
    std::size_t next_ = 0;
    std::size_t waiting_ = 0;
    Sum sum_;
};

}  // namespace doorbuster::bench
