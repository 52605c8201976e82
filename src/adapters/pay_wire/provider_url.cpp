#include "adapters/pay_wire/provider_url.hpp"

#include <algorithm>

namespace doorbuster::pay_wire {

namespace {

bool is_on_this_machine(std::string_view after_scheme) {
    const auto host = after_scheme.substr(0, after_scheme.find_first_of(":/"));
    return host == "127.0.0.1" || host == "localhost" || after_scheme.starts_with("[::1]");
}

bool is_visible(char c) { return c > ' ' && c < 127 && c != '"'; }

}  // namespace

std::string_view fault_of_url(std::string_view url, bool plain_http_allowed) {
    const bool https = url.starts_with("https://");
    const bool http = url.starts_with("http://");
    if (!https && !http) return "must begin with https://";
    const auto rest = url.substr(https ? 8 : 7);
    if (rest.empty() || rest.front() == '/' || !std::ranges::all_of(rest, is_visible)) {
        return "is not a URL";
    }
    if (rest.find_first_of("?#@") != std::string_view::npos) {
        return "must have no query, fragment or user name";
    }
    if (http && !plain_http_allowed && !is_on_this_machine(rest)) {
        return "must begin with https://, because it leads to another machine";
    }
    return {};
}

bool has_path(std::string_view url) {
    return url.find('/', url.find("://") + 3) != std::string_view::npos;
}

}  // namespace doorbuster::pay_wire
