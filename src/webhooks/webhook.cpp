#include "webhooks/webhook.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>

namespace doorbuster::webhooks {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<Milliseconds, 10> kDelays{
    seconds{10},
    seconds{30},
    minutes{2},
    minutes{10},
    minutes{30},
    hours{1},
    hours{3},
    hours{6},
    hours{12},
    hours{24}};
static_assert(kDelays.size() + 1 == kAttemptsMax);

std::string_view without_scheme(std::string_view url) {
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (url.starts_with(scheme)) return url.substr(scheme.size());
    }
    return {};
}

bool is_port(std::string_view text) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && end == text.data() + text.size() && port > 0 && port < 65536;
}

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
}

bool is_ipv6_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' ||
           c == '.';
}

// A name or address, and a port if there is a colon after it.
bool is_host_and_port(std::string_view authority) {
    if (authority.starts_with('[')) {
        const auto end = authority.find(']');
        if (end == std::string_view::npos || end < 3) return false;
        if (!std::ranges::all_of(authority.substr(1, end - 1), is_ipv6_character)) return false;
        authority.remove_prefix(end + 1);
        return authority.empty() || (authority[0] == ':' && is_port(authority.substr(1)));
    }
    const auto colon = authority.find(':');
    const auto host = authority.substr(0, colon);
    const bool named = !host.empty() && std::ranges::all_of(host, is_host_character);
    return named && (colon == std::string_view::npos || is_port(authority.substr(colon + 1)));
}

}  // namespace

std::string_view url_fault(std::string_view url) {
    if (url.size() > kUrlBytesMax) return "is too long";
    const auto is_plain = [](char c) { return c > ' ' && c <= '~' && c != '\\'; };
    if (!std::ranges::all_of(url, is_plain)) return "must be printable ASCII without spaces";
    const std::string_view rest = without_scheme(url);
    if (rest.empty()) return "must begin with https:// or http://";
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    if (authority.find('@') != std::string_view::npos) return "must not contain credentials";
    if (url.find('#') != std::string_view::npos) return "must not contain a fragment";
    if (!is_host_and_port(authority)) return "must name a host";
    return {};
}

bool is_topic(std::string_view text) {
    if (text == "*") return true;
    const auto is_allowed = [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '.'; };
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, is_allowed);
}

bool wants(const Webhook& webhook, std::string_view topic) {
    const auto matches = [&](const std::string& wanted) {
        return wanted == "*" || wanted == topic;
    };
    return webhook.enabled && std::ranges::any_of(webhook.topics, matches);
}

std::string join_topics(const std::vector<std::string>& topics) {
    std::string joined;
    for (const std::string& topic : topics) joined += (joined.empty() ? "" : ",") + topic;
    return joined;
}

std::vector<std::string> split_topics(std::string_view joined) {
    std::vector<std::string> topics;
    while (!joined.empty()) {
        const auto end = std::min(joined.find(','), joined.size());
        topics.emplace_back(joined.substr(0, end));
        joined.remove_prefix(std::min(end + 1, joined.size()));
    }
    return topics;
}

std::string body_of(const Event& event) {
    const auto quoted = [](std::string_view text) {
        return boost::json::serialize(boost::json::string_view{text.data(), text.size()});
    };
    // The payload is a JSON object already.
    return R"({"id":")" + event.id.to_string() + R"(","topic":)" + quoted(event.topic) +
           R"(,"key":)" + quoted(event.key) + R"(,"at":")" + to_rfc3339(event.at) + R"(","data":)" +
           event.payload + '}';
}

Milliseconds delay_after(std::int64_t failures) {
    const auto last = static_cast<std::int64_t>(kDelays.size()) - 1;
    return kDelays[static_cast<std::size_t>(std::clamp<std::int64_t>(failures - 1, 0, last))];
}

}  // namespace doorbuster::webhooks
