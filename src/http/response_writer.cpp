#include "http/response_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "http/text.hpp"

namespace doorbuster::http {

namespace {

std::string_view reason_phrase(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        default:
            return "Unknown";
    }
}

// Every answer tells browsers not to guess types, not to be framed, and not to tell other sites
// what was read here.
constexpr std::string_view kSecurity =
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: same-origin\r\n";

// A page that says nothing about what it may do may only be looked at.
constexpr std::string_view kDefaultPolicy =
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; sandbox\r\n";

bool can_hold_scripts(std::string_view type) {
    return type.starts_with("text/html") || type.starts_with("image/svg+xml") ||
           type.starts_with("application/xhtml+xml");
}

bool frames_message(std::string_view name) {
    static constexpr std::array<std::string_view, 6> kOurs = {
        "content-length", "transfer-encoding", "connection", "content-encoding", "date", "trailer"};
    return std::any_of(kOurs.begin(), kOurs.end(), [&](std::string_view ours) {
        return equal_ignoring_case(name, ours);
    });
}

void append_number(std::string& out, std::size_t number) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

bool has_header(const Response& response, std::string_view name) {
    return std::any_of(response.headers.begin(), response.headers.end(), [&](const auto& header) {
        return equal_ignoring_case(header.first, name);
    });
}

// What goes out of a response: its own body, or one of a document's two.
struct Content {
    int status = 200;
    std::string_view type;
    std::string_view bytes;
    std::string etag;  // empty: none
    bool gzip = false;
    bool varies = false;
};

// The compressed form is another representation and has an ETag of its own (RFC 9110, 8.8.3.3).
std::string gzip_etag(const std::string& etag) {
    return etag.empty() ? etag : etag.substr(0, etag.size() - 1) + "-gz\"";
}

// If-None-Match compares weakly (RFC 9110, 13.1.2).
bool names_etag(std::string_view if_none_match, std::string_view etag) {
    if (etag.empty()) return false;
    bool named = false;
    for_each_part(if_none_match, ',', [&](std::string_view candidate) {
        if (candidate.starts_with("W/")) candidate.remove_prefix(2);
        named = named || candidate == etag || candidate == "*";
    });
    return named;
}

Content content_of(const Request& request, const Response& response) {
    if (!response.document) return {response.status, response.content_type, response.body, {}};
    const Document& document = *response.document;
    Content content{response.status, document.content_type, document.body, document.etag};
    content.varies = !document.gzip.empty();
    if (content.varies && accepts(request.header("accept-encoding"), "gzip")) {
        content.gzip = true;
        content.bytes = document.gzip;
        content.etag = gzip_etag(document.etag);
    }
    const bool reads = request.method == Method::get || request.method == Method::head;
    const std::string_view known = request.header("if-none-match");
    if (reads && content.status == 200 && !known.empty() && names_etag(known, content.etag)) {
        content.status = 304;
    }
    return content;
}

void append_status_line(std::string& out, int status, const WireContext& context) {
    if (status == 200) {
        out.append("HTTP/1.1 200 OK\r\n");
    } else {
        out.append("HTTP/1.1 ");
        append_number(out, static_cast<std::size_t>(status));
        out.append(" ").append(reason_phrase(status)).append("\r\n");
    }
    append_header(out, "Date", context.date);
    if (!context.keep_alive) {
        out.append("Connection: close\r\n");
    } else if (!context.http11) {
        out.append("Connection: keep-alive\r\n");
    }
}

// The connection's end is the end of the body. Proxies must neither hold events back nor change
// them.
void append_event_stream(std::string& out) {
    out.append(
        "Content-Type: text/event-stream; charset=utf-8\r\n"
        "Cache-Control: no-cache, no-transform\r\n"
        "X-Accel-Buffering: no\r\n"
    );
}

// Answers are private and of the moment unless their maker says otherwise.
void append_caching(std::string& out, const Response& response, const Content& content) {
    if (!content.etag.empty()) append_header(out, "ETag", content.etag);
    if (content.varies) out.append("Vary: Accept-Encoding\r\n");
    if (has_header(response, "cache-control")) return;
    if (!response.document) {
        out.append("Cache-Control: no-store\r\n");
    } else if (!response.document->cache_control.empty()) {
        append_header(out, "Cache-Control", response.document->cache_control);
    }
}

}  // namespace

bool is_sendable(const Response& response) {
    if (response.status < 200 || response.status > 599) return false;
    if (!is_header_value(response.content_type)) return false;
    if (response.document && (!is_header_value(response.document->content_type) ||
                              !is_header_value(response.document->cache_control))) {
        return false;
    }
    return std::all_of(response.headers.begin(), response.headers.end(), [](const auto& header) {
        return is_token(header.first) && is_header_value(header.second) &&
               !frames_message(header.first);
    });
}

int append_response(
    std::string& out, const Request& request, const Response& response, const WireContext& context
) {
    const Content content = content_of(request, response);
    const bool bodyless = content.status == 204 || content.status == 304;
    out.reserve(out.size() + 512 + (bodyless ? 0 : content.bytes.size()));
    append_status_line(out, content.status, context);
    if (response.stream) {
        append_event_stream(out);
    } else if (!bodyless) {
        if (!content.type.empty()) append_header(out, "Content-Type", content.type);
        if (content.gzip) out.append("Content-Encoding: gzip\r\n");
        out.append("Content-Length: ");
        append_number(out, content.bytes.size());
        out.append("\r\n");
    }
    if (!response.stream) append_caching(out, response, content);
    for (const auto& [name, value] : response.headers) append_header(out, name, value);
    out.append(kSecurity);
    if (can_hold_scripts(content.type) && !has_header(response, "content-security-policy")) {
        out.append(kDefaultPolicy);
    }
    if (!request.id.empty()) append_header(out, "X-Request-Id", request.id);
    out.append("\r\n");
    if (!bodyless && request.method != Method::head) out.append(content.bytes);
    return content.status;
}

std::string http_date(std::int64_t unix_seconds) {
    static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array kMonths = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::chrono::sys_seconds time{std::chrono::seconds{unix_seconds}};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    std::array<char, 64> text{};
    std::snprintf(
        text.data(),
        text.size(),
        "%s, %02u %s %04d %02d:%02d:%02d GMT",
        kDays[std::chrono::weekday{day}.c_encoding()],
        static_cast<unsigned>(date.day()),
        kMonths[static_cast<unsigned>(date.month()) - 1],
        static_cast<int>(date.year()),
        static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count())
    );
    return text.data();
}

}  // namespace doorbuster::http
