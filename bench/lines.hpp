#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doorbuster::bench {

// An HTTP answer.
struct Answer {
    std::string_view status;  // three digits
    std::string_view text;    // the whole of it
    std::string_view body;
};

// Connections to a server on loopback, for requests that were made beforehand: on each, one request
// and then its answer, of which no more is parsed than status and length. As few system calls as
// can be, because a generator shares the machine with what it measures. Throws std::runtime_error
// when a connection fails.
class Lines {
public:
    // Connects at once.
    Lines(std::uint16_t port, std::size_t count);
    ~Lines();
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;

    void send(std::size_t line, const std::string& request);
    // The lines on which something has come; none when nothing comes for so long.
    const std::vector<std::size_t>& wait(int milliseconds);
    // Reads what has come; the answer when it is whole, valid until the next
    // read or send.
    std::optional<Answer> read(std::size_t line);

private:
    struct Line {
        int fd = -1;
        std::string part;  // of an answer
    };
    void connect(std::size_t line, std::uint16_t port);

    int epoll_ = -1;
    std::vector<Line> lines_;
    std::vector<std::size_t> ready_;
    std::vector<char> buffer_ = std::vector<char>(64 * 1024);
};

}  // namespace doorbuster::bench
