#include "sandbox/common/web.hpp"

#include <algorithm>

#include "http/text.hpp"

namespace doorbuster::sandbox {

namespace {

constexpr std::size_t kHostMax = 260;
constexpr std::string_view kPagePolicy =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'";

bool is_host(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
    };
    return !text.empty() && text.size() <= kHostMax &&
           std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

std::string origin_of(const http::Request& request, const std::string& otherwise) {
    const std::string_view host = request.header("Host");
    if (!is_host(host)) return otherwise;
    return (request.secure ? "https://" : "http://") + std::string{host};
}

std::optional<std::string> form_field(std::string_view body, std::string_view name) {
    std::optional<std::string> found;
    http::for_each_part(body, '&', [&](std::string_view pair) {
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || pair.substr(0, equals) != name || found) return;
        found = http::percent_decode(pair.substr(equals + 1), http::Plus::is_space);
    });
    return found;
}

http::Response page(std::string html, int status) {
    http::Response response{
        .status = status, .content_type = "text/html; charset=utf-8", .body = std::move(html)};
    response.with("Content-Security-Policy", std::string{kPagePolicy});
    response.with("Cache-Control", "no-store");
    return response;
}

http::Response see(std::string location) {
    http::Response response;
    response.status = 302;
    response.with("Location", std::move(location));
    response.with("Cache-Control", "no-store");
    return response;
}

}  // namespace doorbuster::sandbox
