// Small values in texts: amounts, times, Base64, addresses of the network, UTF-8.
#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>

#include "adapters/alipay/beijing_time.hpp"
#include "adapters/alipay/bill_text.hpp"
#include "adapters/pay_wire/base64.hpp"
#include "adapters/pay_wire/clock_skew.hpp"
#include "adapters/wechat_pay/bill_line.hpp"
#include "fuzz/fuzz.hpp"
#include "http/client_address.hpp"
#include "http/text.hpp"

namespace {

using namespace doorbuster;
using fuzz::demand;

void check_amounts(std::string_view text) {
    if (const auto money = Money::from_yuan(text)) {
        demand(!money->is_negative(), "yuan has no sign");
        demand(Money::from_yuan(money->to_yuan()) == money, "yuan printed and read is the same");
    }
    if (const auto money = alipay::signed_yuan(text)) {
        const std::string printed = money->to_yuan();
        demand(alipay::signed_yuan(printed) == money, "with a sign, too");
    }
    if (const auto millifen = wechat_pay::parse_millifen(text)) {
        const auto yuan = *millifen % 1000 == 0 ? Money::from_yuan(text) : std::nullopt;
        demand(!yuan || yuan->fen() == *millifen / 1000, "both readers read the same amount");
        demand(std::abs(*millifen) < 1'000'000'000'000'000, "it is bounded");
    }
    if (const auto count = wechat_pay::parse_count(text)) demand(*count >= 0, "a count");
}

void check_times(std::string_view text) {
    if (const auto time = from_rfc3339(text)) {
        const std::string printed = to_rfc3339(*time);
        demand(printed.size() == 24, "a time has the one form");
        demand(from_rfc3339(printed) == time, "a time printed and read is the same");
    }
    const auto alipay = alipay::from_beijing_time(text);
    const auto wechat = wechat_pay::parse_beijing_time(text);
    if (alipay) {
        const auto seconds = std::chrono::floor<std::chrono::seconds>(*alipay);
        demand(alipay::from_beijing_time(alipay::to_beijing_time(*alipay)) == seconds, "the same");
    }
    if (alipay && text.size() == 19) demand(alipay == wechat, "both readers read the same time");
    if (const auto time = pay_wire::parse_http_date(text)) {
        const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(*time)};
        const int year = static_cast<int>(day.year());
        demand(year >= 0 && year <= 10'000, "a date has four digits of a year");
    }
}

void check_base64(std::string_view text) {
    if (const auto bytes = pay_wire::from_base64(text)) {
        demand(pay_wire::to_base64(*bytes) == text, "no two texts are the same bytes");
    }
    demand(pay_wire::from_base64(pay_wire::to_base64(text)) == text, "bytes written and read");
}

void check_text(std::string_view text) {
    const auto length = http::utf8_length(text);
    demand(!length || *length <= text.size(), "no more characters than bytes");
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) >= ' ' && c != '"' && c != '\\';
    });
    if (plain) {
        boost::system::error_code error;
        boost::json::parse('"' + std::string{text} + '"', error);
        demand(length.has_value() == !error, "Boost.JSON agrees on what is UTF-8");
    }
    const auto decoded = http::percent_decode(text, http::Plus::is_plus);
    demand(decoded.size() <= text.size(), "decoded it is no longer");
    if (const auto id = http::parse_id(text)) {
        demand(*id > 0 && std::to_string(*id) == text, "an id has one way to be written");
    }
}

void check_addresses(std::string_view text) {
    const auto ip = http::parse_ip(text);
    demand(!ip || fuzz::is_visible(text), "an address is nothing but its text");
    const auto range = http::AddressRange::parse(text);
    demand(!range || fuzz::is_visible(text), "a network is nothing but its text");
    if (ip) demand(range && range->contains(*ip), "an address is a network of its own");
}

// A proxy that is trusted hands on what the client wrote.
void check_forwarded(std::string_view text) {
    if (!http::is_header_value(text)) return;
    static const http::TrustedProxies proxies{{"10.0.0.0/8", "::1"}};
    const std::array<http::Request::Header, 1> headers{{{"X-Forwarded-For", text}}};
    http::Request request;
    request.headers = headers;
    const auto client = proxies.client_of(request, "10.0.0.1");
    demand(http::parse_ip(client).has_value(), "the client is an address");
    const bool written = client.data() >= text.data() && client.data() < text.data() + text.size();
    demand(written || client == "10.0.0.1", "which somebody wrote");
    const std::string honest = std::string{text} + ", 192.0.2.7";
    const std::array<http::Request::Header, 1> more{{{"X-Forwarded-For", honest}}};
    request.headers = more;
    demand(proxies.client_of(request, "10.0.0.1") == "192.0.2.7", "nothing left of it counts");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    check_amounts(text);
    check_times(text);
    check_base64(text);
    check_text(text);
    check_addresses(text);
    check_forwarded(text);
    return 0;
}
