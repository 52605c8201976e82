#include "sandbox/alipay/biz_content.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <charconv>
#include <cmath>

#include "http/text.hpp"
#include "sandbox/common/text.hpp"

namespace doorbuster::sandbox::alipay {

namespace {

namespace json = boost::json;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr Money kTotalMax = Money::fen(100'000'000'00);
constexpr auto kExpiryMax = days{15};
constexpr auto kSlack = minutes{5};  // clocks differ

bool is_plain(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20;
    });
}

bool is_web_url(std::string_view url) {
    return (url.starts_with("https://") || url.starts_with("http://")) && url.size() <= 256 &&
           url.find_first_of(" \"<>\\") == std::string_view::npos && is_plain(url);
}

// "90m", "2h", "15d" or "1c", the end of today.
std::optional<Time> expiry_after(std::string_view text, Time now) {
    if (text == "1c") return beijing_day_span(beijing_day(now))->to;
    std::int64_t count = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc{} || stop + 1 != end || count < 1 || count > 21'600) return std::nullopt;
    if (*stop == 'm') return now + minutes{count};
    if (*stop == 'h') return now + hours{count};
    if (*stop == 'd') return now + days{count};
    return std::nullopt;
}

std::optional<Time> expiry_of(BizContent& content, Time now) {
    const std::string at = content.text("time_expire", 32);
    const std::string after = content.text("timeout_express", 6);
    std::optional<Time> expiry = now + kExpiryMax;
    if (!at.empty()) {
        expiry = from_beijing_text(at);
        if (!expiry) content.spoil("time_expire");
    } else if (!after.empty()) {
        expiry = expiry_after(after, now);
        if (!expiry) content.spoil("timeout_express");
    }
    if (expiry && *expiry > now + kExpiryMax + kSlack) {
        content.spoil(at.empty() ? "timeout_express" : "time_expire");
    }
    return expiry;
}

std::string param(const Call& call, const char* name) {
    const auto found = call.params.find(name);
    return found == call.params.end() ? std::string{} : found->second;
}

std::string url_param(const Call& call, const char* name, BizContent& content) {
    std::string url = param(call, name);
    if (!url.empty() && !is_web_url(url)) content.spoil(name);
    return url;
}

}  // namespace

struct BizContent::Object {
    json::object members;
    bool broken = false;
};

BizContent::BizContent(std::string_view text) : object_{std::make_unique<Object>()} {
    json::error_code failed;
    const json::value value = json::parse(json_view(text), failed);
    object_->broken = failed || !value.is_object();
    if (!object_->broken) object_->members = value.get_object();
}
BizContent::~BizContent() = default;

bool BizContent::broken() const { return object_->broken; }

void BizContent::spoil(const char* name) {
    if (wrong_.empty()) wrong_ = name;
}

std::string BizContent::text(const char* name, std::size_t max) {
    const json::value* value = object_->members.if_contains(name);
    if (!value) return {};
    if (!value->is_string()) return spoil(name), std::string{};
    const json::string& text = value->get_string();
    const std::string_view read{text.data(), text.size()};
    if (http::utf8_length(read).value_or(max + 1) > max || !is_plain(read)) spoil(name);
    return std::string{read};
}

std::optional<Money> BizContent::yuan(const char* name) {
    const json::value* value = object_->members.if_contains(name);
    if (!value) return std::nullopt;
    std::optional<Money> money;
    if (value->is_string()) {
        money = Money::from_yuan(value->get_string().c_str());
    } else if (value->is_number()) {
        const double yuan = value->to_number<double>();
        const double fen = yuan * 100;
        const bool exact = fen > 0 && fen < 1e12 && std::abs(fen - std::round(fen)) < 1e-4;
        if (exact) money = Money::fen(std::llround(fen));
    }
    if (!money || *money > kTotalMax || *money < Money::fen(1)) {
        spoil(name);
        return std::nullopt;
    }
    return money;
}

bool is_out_trade_no(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '_';
    };
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), allowed);
}

Reply invalid_parameter(std::string_view name) {
    return business_failure(
        "ACQ.INVALID_PARAMETER", "参数无效" + (name.empty() ? "" : "：" + std::string{name})
    );
}

std::variant<Terms, Reply> read_page_pay(const Call& call, Time now) {
    BizContent content{param(call, "biz_content")};
    if (content.broken()) return invalid_parameter("biz_content");
    Terms terms;
    terms.out_trade_no = content.text("out_trade_no", 64);
    if (!is_out_trade_no(terms.out_trade_no)) content.spoil("out_trade_no");
    const auto total = content.yuan("total_amount");
    if (!total) content.spoil("total_amount");
    terms.total = total.value_or(Money{});
    terms.subject = content.text("subject", 256);
    if (terms.subject.empty() || terms.subject.find_first_of("/=&") != std::string::npos) {
        content.spoil("subject");
    }
    if (content.text("product_code", 64) != "FAST_INSTANT_TRADE_PAY") content.spoil("product_code");
    terms.body = content.text("body", 128);
    terms.passback_params = content.text("passback_params", 512);
    terms.notify_url = url_param(call, "notify_url", content);
    terms.return_url = url_param(call, "return_url", content);
    terms.certified = call.certified;
    terms.created_at = now;
    terms.expires_at = expiry_of(content, now).value_or(now);
    if (!content.wrong().empty()) return invalid_parameter(content.wrong());
    if (terms.expires_at <= now) {
        return business_failure("ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR", "交易已超时");
    }
    return terms;
}

}  // namespace doorbuster::sandbox::alipay
