#include "adapters/wechat_pay/bill_ticket.hpp"

#include <algorithm>

#include "adapters/pay_wire/strict_json.hpp"
#include "adapters/wechat_pay/json_parts.hpp"

namespace doorbuster::wechat_pay {

using pay_wire::token_of;

namespace {

constexpr std::size_t kUrlBytesMax = 2048;
constexpr std::size_t kSha1HexBytes = 40;

std::string lower(std::string_view text) {
    std::string result{text};
    for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return result;
}

bool is_sha1(std::string_view text) {
    return text.size() == kSha1HexBytes &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// "https://host:port" of a URL that has a path.
std::string_view origin_of(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    return url.substr(0, url.find('/', scheme + 3));
}

// Names that a resolver could not take for anything else.
bool is_host_name(std::string_view host) {
    return std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
}

}  // namespace

std::optional<BillTicket> parse_bill_ticket(std::string_view body) {
    const auto object = parse_object(body);
    if (!object) return std::nullopt;
    const auto type = token_of(*object, "hash_type", 32);
    const auto hash = token_of(*object, "hash_value", 1024);
    const auto url = token_of(*object, "download_url", kUrlBytesMax);
    if (type != "SHA1" || !hash || !url) return std::nullopt;
    BillTicket ticket{lower(*hash), *url};
    return is_sha1(ticket.sha1) ? std::optional{std::move(ticket)} : std::nullopt;
}

bool is_configured_host(std::string_view url, const Config& config) {
    const auto origin = origin_of(url);
    return !origin.empty() &&
           (origin == origin_of(config.base_url) || origin == origin_of(config.backup_url));
}

bool may_download_from(std::string_view url, const Config& config) {
    const bool visible =
        std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 127; });
    const auto origin = origin_of(url);
    const bool has_path = origin.size() < url.size();
    // A back-slash is a slash to some readers of URLs and none to others.
    if (!visible || !has_path || url.find_first_of("#@\\") != std::string_view::npos) return false;
    if (is_configured_host(url, config)) return true;
    if (!origin.starts_with("https://")) return false;
    auto host = lower(origin.substr(8));
    if (host.ends_with(":443")) host.resize(host.size() - 4);
    return is_host_name(host) &&
           (host.ends_with(".weixin.qq.com") || host.ends_with(".wechatpay.cn"));
}

}  // namespace doorbuster::wechat_pay
