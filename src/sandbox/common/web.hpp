#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/request.hpp"
#include "http/response.hpp"
#include "http/route.hpp"

// Small things that the simulator's routes share.
namespace doorbuster::sandbox {

// "http://" and the host that the client asked, or `otherwise` when it said none or none that could
// be one.
std::string origin_of(const http::Request& request, const std::string& otherwise);

// A value of an application/x-www-form-urlencoded body; the first one counts.
std::optional<std::string> form_field(std::string_view body, std::string_view name);

// HTML for a person: not kept, and allowed no more than its own style and forms to this server.
http::Response page(std::string html, int status = 200);

// Sends the browser on to `location`.
http::Response see(std::string location);

}  // namespace doorbuster::sandbox
