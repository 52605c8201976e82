#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/input_buffer.hpp"
#include "http/request_parser.hpp"

namespace doorbuster::test {

// What a parser made of some bytes.
struct ParsedRequests {
    std::vector<std::string> requests;  // "GET /a?b [Host=x] body", one for each
    int fault = 0;                      // status of the refusal that ended the input; 0: none
    bool partial = false;               // the input ends inside a request
    friend bool operator==(const ParsedRequests&, const ParsedRequests&) = default;
};

inline std::string print(const http::RequestParser& parser) {
    const auto& head = parser.head();
    std::string text{head.method};
    text.append(" ").append(head.target).append(" [");
    for (const auto& header : head.headers) {
        if (text.back() != '[') text += ", ";
        text.append(header.name).append("=").append(header.value);
    }
    text.append("] ").append(parser.body());
    return text;
}

// Feeds a parser the way a connection does, `piece()` bytes at a time.
inline ParsedRequests parse_requests(
    std::string_view input, const std::function<std::size_t()>& piece, std::size_t body_max = 1000
) {
    ParsedRequests parsed;
    http::InputBuffer buffer;
    http::RequestParser parser;
    const auto step = [&] {  // false: more input is needed, or there is a fault
        if (!parser.head_done()) {
            if (buffer.empty()) return false;
            buffer.consume(parser.read_head(buffer.data()));
            if (parser.fault() || !parser.head_done()) return false;
            parser.limit_body(body_max);
        }
        buffer.consume(parser.read_body(buffer.data()));
        if (parser.fault()) return false;
        if (!parser.done()) {
            parser.keep_head();
            return false;
        }
        parsed.requests.push_back(print(parser));
        parser.reset();
        return true;
    };
    while (!input.empty() && !parser.fault()) {
        const auto space = buffer.space();
        const std::size_t size = std::min({piece(), input.size(), space.size()});
        std::memcpy(space.data(), input.data(), size);
        buffer.received(size);
        input.remove_prefix(size);
        while (step()) continue;
    }
    if (parser.fault()) parsed.fault = parser.fault()->status;
    parsed.partial = !parser.fault() && (parser.head_done() || !buffer.empty());
    return parsed;
}

inline ParsedRequests parse_whole(std::string_view input) {
    return parse_requests(input, [&] { return input.size(); });
}
inline ParsedRequests parse_byte_by_byte(std::string_view input) {
    return parse_requests(input, [] { return std::size_t{1}; });
}

}  // namespace doorbuster::test
