#include "http/chunk_reader.hpp"

#include <algorithm>
#include <charconv>

#include "http/text.hpp"

namespace doorbuster::http {

namespace {

constexpr std::size_t kSizeDigitsMax = 16;  // what 64 bits hold

// A trailer must not be able to pass for a header that frames or routes the request.
bool is_forbidden_trailer(std::string_view name) {
    return equal_ignoring_case(name, "content-length") ||
           equal_ignoring_case(name, "transfer-encoding") || equal_ignoring_case(name, "host");
}

}  // namespace

std::size_t ChunkReader::fail(State why) {
    state_ = why;
    return 0;
}

std::size_t ChunkReader::read(std::string_view input, std::string& body) {
    std::size_t used = 0;
    while (!ended()) {
        const std::size_t taken = step(input.substr(used), body);
        if (taken == 0) break;
        used += taken;
    }
    return used;
}

// One line, or what is here of a chunk. Zero: more input is needed, or it has ended.
std::size_t ChunkReader::step(std::string_view input, std::string& body) {
    if (state_ == State::data) {
        const std::size_t size =
            static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
        body.append(input.substr(0, size));
        left_ -= size;
        if (left_ == 0) state_ = State::data_end;
        return size;
    }
    if (state_ == State::data_end) return read_data_end(input);
    const auto feed = input.find('\n');
    const std::size_t size = feed == std::string_view::npos ? input.size() : feed + 1;
    if (size > kLineBytesMax) return fail(State::malformed);
    if (feed == std::string_view::npos) return 0;
    if (feed == 0 || input[feed - 1] != '\r') return fail(State::malformed);
    const std::string_view line = input.substr(0, feed - 1);
    return state_ == State::size ? read_size(line, body.size()) : read_trailer(line);
}

std::size_t ChunkReader::read_size(std::string_view line, std::size_t body_size) {
    const auto digits = std::min(line.find_first_not_of("0123456789abcdefABCDEF"), line.size());
    const std::string_view extensions = line.substr(digits);
    if (digits == 0 || digits > kSizeDigitsMax) return fail(State::malformed);
    if (!extensions.empty() && extensions.front() != ';') return fail(State::malformed);
    if (!is_header_value(extensions)) return fail(State::malformed);
    std::from_chars(line.data(), line.data() + digits, left_, 16);
    if (left_ > bytes_max_ - std::min(body_size, bytes_max_)) return fail(State::too_large);
    state_ = left_ == 0 ? State::trailers : State::data;
    return line.size() + 2;
}

std::size_t ChunkReader::read_data_end(std::string_view input) {
    if (!input.empty() && input[0] != '\r') return fail(State::malformed);
    if (input.size() < 2) return 0;
    if (input[1] != '\n') return fail(State::malformed);
    state_ = State::size;
    return 2;
}

std::size_t ChunkReader::read_trailer(std::string_view line) {
    trailer_bytes_ += line.size() + 2;
    if (trailer_bytes_ > kLineBytesMax) return fail(State::malformed);
    if (line.empty()) {
        state_ = State::done;
        return 2;
    }
    const auto colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    if (colon == std::string_view::npos || !is_token(name) || is_forbidden_trailer(name) ||
        !is_header_value(line.substr(colon + 1))) {
        return fail(State::malformed);
    }
    return line.size() + 2;
}

}  // namespace doorbuster::http
