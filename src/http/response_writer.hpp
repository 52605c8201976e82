#pragma once

#include <string>
#include <string_view>

#include "http/request.hpp"
#include "http/response.hpp"

namespace doorbuster::http {

// What an answer is written with beside itself.
struct WireContext {
    std::string_view date;  // IMF-fixdate
    bool http11 = true;
    bool keep_alive = true;
};

// Whether a response can go on the wire as it is: a status from 200 to 599, header names and values
// that cannot break out of their line, and no header that frames the message (those are ours).
bool is_sendable(const Response& response);

// Appends status line, headers and, unless the request is HEAD or the status has none, the body.
// A document is answered with 304 when the request has it, and compressed when the request takes
// gzip. Returns the status sent. The response must be sendable.
int append_response(
    std::string& out, const Request& request, const Response& response, const WireContext& context
);

// "Mon, 23 Nov 2026 08:00:00 GMT" (RFC 9110, 5.6.7).
std::string http_date(std::int64_t unix_seconds);

}  // namespace doorbuster::http
