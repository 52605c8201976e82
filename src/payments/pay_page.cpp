#include "payments/pay_page.hpp"

#include <algorithm>

#include "http/html.hpp"
#include "http/page_policy.hpp"

namespace doorbuster::payments {
namespace {

constexpr std::string_view kHead =
    "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    "<style>"
    ":root{color-scheme:light dark;font:1rem/1.6 system-ui,\"PingFang SC\",\"Noto Sans CJK SC\","
    "sans-serif}"
    "body{margin:0 auto;max-width:32rem;padding:4rem 1rem;text-align:center}"
    "h1{font-size:1.4rem;margin:0 0 .5rem}"
    "p{margin:.4rem 0}"
    ".soft{color:#737373;font-size:.875rem}"
    "a.go,button{display:inline-block;margin-top:1.5rem;padding:.6rem 1.5rem;border:0;"
    "border-radius:.5rem;background:#0f62d6;color:#fff;font:inherit;font-weight:600;"
    "text-decoration:none;cursor:pointer}"
    "a.go:focus-visible,button:focus-visible{outline:3px solid #0f62d688;outline-offset:2px}"
    "</style>";

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

std::string form_html(const PayForm& form) {
    std::string html = "<form id=\"pay\" method=\"post\" accept-charset=\"utf-8\" action=\"" +
                       http::escape_html(form.action) + "\">";
    for (const auto& [name, value] : form.fields) {
        html += "<input type=\"hidden\" name=\"" + http::escape_html(name) + "\" value=\"" +
                http::escape_html(value) + "\">";
    }
    return html +
           "<button type=\"submit\">前往支付 · Continue</button></form>"
           "<script>document.getElementById('pay').submit()</script>";
}

http::Response leave_page(const PayForm& form) {
    std::string html{kHead};
    html +=
        "<title>前往支付 · Payment</title></head><body><main>"
        "<h1>正在前往支付页面……</h1>"
        "<p>Taking you to the payment page …</p>"
        "<p class=\"soft\">如果没有自动跳转，请点击下面的按钮。<br>"
        "If nothing happens, press the button.</p>";
    html += form_html(form) + "</main></body></html>\n";
    return page(std::move(html), form_targets(form.action));
}

std::string with_reference(std::string_view place, std::string_view reference) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string address{place};
    address += place.find('?') == std::string_view::npos ? "?reference=" : "&reference=";
    for (const char c : reference) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                           (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
        if (plain) {
            address += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        address += '%';
        address += kDigits[byte >> 4U];
        address += kDigits[byte & 15U];
    }
    return address;
}

http::Response go_on_to(std::string place) {
    http::Response response;
    response.status = 303;
    response.with("Location", std::move(place));
    response.with("Cache-Control", "no-store");
    response.with("Referrer-Policy", "no-referrer");
    return response;
}

http::Response return_page() {
    std::string html{kHead};
    html +=
        "<title>支付结果 · Payment</title></head><body><main>"
        "<h1>正在确认您的付款</h1>"
        "<p>We are checking your payment</p>"
        "<p class=\"soft\">我们正在向支付平台核实，通常只需几秒，结果会显示在您的订单中。<br>"
        "The provider is being asked, which takes a few seconds; your order will show the "
        "result.<br>付款后请勿重复支付。 If you have paid, do not pay again.</p>"
        "<p><a class=\"go\" href=\"/\">返回商店 · Back to the shop</a></p></main></body></html>\n";
    return page(std::move(html), "'none'");
}

}  // namespace doorbuster::payments
