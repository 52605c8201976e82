#include "adapters/alipay/bill_url.hpp"

#include <algorithm>

namespace doorbuster::alipay {

namespace {

std::string_view origin_of(std::string_view url) {
    const auto scheme = url.find("://");
    return scheme == std::string_view::npos ? url
                                            : url.substr(0, url.find_first_of("/?#", scheme + 3));
}

bool is_host(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '.' || c == '-';
    });
}

std::string lower(std::string_view text) {
    std::string low{text};
    for (char& c : low) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return low;
}

}  // namespace

bool is_allowed_bill_url(
    std::string_view url, std::string_view gateway, const std::vector<std::string>& hosts
) {
    static constexpr std::string_view kHttps = "https://";
    const bool visible = std::all_of(url.begin(), url.end(), [](char c) {
        return c > ' ' && c < 127 && c != '\\' && c != '"';
    });
    if (!visible) return false;
    const std::string_view origin = origin_of(url);
    if (!origin.empty() && origin == origin_of(gateway)) return true;
    if (!url.starts_with(kHttps)) return false;
    std::string_view host = origin.substr(kHttps.size());
    if (host.ends_with(":443")) host.remove_suffix(4);
    if (!is_host(host)) return false;
    const std::string name = lower(host);
    return std::any_of(hosts.begin(), hosts.end(), [&](const std::string& end) {
        return end.starts_with('.') && name.size() > end.size() && name.ends_with(end);
    });
}

}  // namespace doorbuster::alipay
