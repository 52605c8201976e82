#include "payments/pay_page.hpp"

#include <algorithm>

#include "http/html.hpp"
#include "http/page_policy.hpp"

namespace doorbuster::payments {
namespace {

constexpr std::string_view kHead =
    "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    "<style>body{font-family:sans-serif;margin:4em auto;max-width:30em;text-align:center}"
    "button{font-size:1.1em;padding:.6em 1.6em}</style>";

http::Response page(std::string html, std::string_view targets) {
    http::Response response;
    response.content_type = "text/html; charset=utf-8";
    response.with("Content-Security-Policy", http::page_policy(html, targets));
    response.with("Cache-Control", "no-store");
    response.with("Referrer-Policy", "no-referrer");
    response.body = std::move(html);
    return response;
}

bool is_name(std::string_view host) {
    const auto is_digit_or_point = [](char c) { return c == '.' || (c >= '0' && c <= '9'); };
    return host.find(':') == std::string_view::npos &&
           !std::ranges::all_of(host, is_digit_or_point);
}

// The last two labels: "alipay.com". Empty when there are no more than two.
std::string_view parent_of(std::string_view host) {
    const auto last = host.rfind('.');
    if (last == std::string_view::npos || last == 0) return {};
    const auto before = host.rfind('.', last - 1);
    return before == std::string_view::npos ? std::string_view{} : host.substr(before + 1);
}

}  // namespace

std::string form_targets(std::string_view address) {
    const auto scheme_end = address.find("://");
    if (scheme_end == std::string_view::npos) return "'none'";
    const auto host_begin = scheme_end + 3;
    const auto host_end = std::min(address.find_first_of("/?#", host_begin), address.size());
    const std::string_view authority = address.substr(host_begin, host_end - host_begin);
    std::string targets{address.substr(0, host_end)};
    const bool is_https = address.substr(0, scheme_end) == "https";
    const std::string_view parent = is_name(authority) ? parent_of(authority) : std::string_view{};
    if (is_https && !parent.empty()) targets.append(" https://*.").append(parent);
    return targets;
}

http::Response leave_page(const PayForm& form) {
    std::string html{kHead};
    html +=
        "<title>前往支付 · Payment</title></head><body>"
        "<p>正在前往支付页面……<br>Taking you to the payment page …</p>"
        "<form id=\"pay\" method=\"post\" accept-charset=\"utf-8\" action=\"";
    html += http::escape_html(form.action) + "\">";
    for (const auto& [name, value] : form.fields) {
        html += "<input type=\"hidden\" name=\"" + http::escape_html(name) + "\" value=\"" +
                http::escape_html(value) + "\">";
    }
    html +=
        "<button type=\"submit\">前往支付 · Continue</button></form>"
        "<script>document.getElementById('pay').submit()</script></body></html>\n";
    return page(std::move(html), form_targets(form.action));
}

http::Response return_page() {
    std::string html{kHead};
    html +=
        "<title>支付结果 · Payment</title></head><body>"
        "<p>正在向支付平台确认结果，请在订单中查看。<br>"
        "We are asking the provider whether your payment has arrived: your order shows it.</p>"
        "<p><a href=\"/\">返回商店 · Back to the shop</a></p></body></html>\n";
    return page(std::move(html), "'none'");
}

}  // namespace doorbuster::payments
