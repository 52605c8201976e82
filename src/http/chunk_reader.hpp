#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace doorbuster::http {

// Takes the chunked coding off a body (RFC 9112, 7.1). Ours and not Beast's, whose reader of 1.81
// has assertions that a last chunk cut at an unlucky byte breaks, and which lets more pass.
class ChunkReader {
public:
    // A chunk's size line with its extensions, or all trailers together.
    static constexpr std::size_t kLineBytesMax = 4 * 1024;

    enum class State { size, data, data_end, trailers, done, malformed, too_large };

    void reset() { *this = ChunkReader{}; }
    void limit(std::size_t bytes_max) { bytes_max_ = bytes_max; }
    // Returns how many bytes of the front of `input` were used; appends to `body`.
    std::size_t read(std::string_view input, std::string& body);

    State state() const { return state_; }
    bool ended() const { return state_ >= State::done; }

private:
    std::size_t step(std::string_view input, std::string& body);
    std::size_t read_size(std::string_view line, std::size_t body_size);
    std::size_t read_data_end(std::string_view input);
    std::size_t read_trailer(std::string_view line);
    std::size_t fail(State why);

    State state_ = State::size;
    std::uint64_t left_ = 0;  // of the chunk
    std::size_t trailer_bytes_ = 0;
    std::size_t bytes_max_ = 0;
};

}  // namespace doorbuster::http
