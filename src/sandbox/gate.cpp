#include "sandbox/gate.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cstdlib>
#include <map>

#include "http/text.hpp"

namespace doorbuster::sandbox {

namespace {

namespace json = boost::json;

constexpr std::string_view kScheme = "WECHATPAY2-SHA256-RSA2048 ";
constexpr std::int64_t kToleranceSeconds = 300;

using Pairs = std::map<std::string_view, std::string_view>;

// mchid="…",nonce_str="…",… without spaces; nothing when it is anything else or names one twice.
std::optional<Pairs> parse_pairs(std::string_view text) {
    Pairs pairs;
    while (true) {
        const auto equals = text.find("=\"");
        if (equals == std::string_view::npos) return std::nullopt;
        const auto end = text.find('"', equals + 2);
        if (end == std::string_view::npos) return std::nullopt;
        const auto value = text.substr(equals + 2, end - equals - 2);
        if (!pairs.emplace(text.substr(0, equals), value).second) return std::nullopt;
        text.remove_prefix(end + 1);
        if (text.empty()) return pairs;
        if (text.front() != ',') return std::nullopt;
        text.remove_prefix(1);
    }
}

std::string_view at(const Pairs& pairs, std::string_view name) {
    const auto found = pairs.find(name);
    return found == pairs.end() ? std::string_view{} : found->second;
}

std::int64_t seconds_of(Time time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

bool is_fresh(std::string_view timestamp, Time now) {
    std::int64_t seconds = 0;
    const auto* end = timestamp.data() + timestamp.size();
    const auto [stop, error] = std::from_chars(timestamp.data(), end, seconds);
    return error == std::errc{} && stop == end && seconds > 0 && seconds < 100'000'000'000 &&
           std::abs(seconds_of(now) - seconds) <= kToleranceSeconds;
}

std::string lines(std::initializer_list<std::string_view> texts) {
    std::string message;
    for (const auto text : texts) message.append(text) += '\n';
    return message;
}

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Reply wechat_error(
    int status, std::string_view code, std::string_view message, std::string_view field
) {
    json::object body{{"code", view(code)}, {"message", view(message)}};
    if (!field.empty()) {
        body["detail"] = json::object{{"field", view(field)}, {"location", "body"}};
    }
    return {status, json::serialize(body)};
}

bool Gate::admits(const http::Request& request) const {
    std::string_view authorization = request.header("Authorization");
    if (!authorization.starts_with(kScheme)) return false;
    authorization.remove_prefix(kScheme.size());
    const auto pairs = parse_pairs(authorization);
    if (!pairs || pairs->size() != 5) return false;
    const auto timestamp = at(*pairs, "timestamp");
    const auto nonce = at(*pairs, "nonce_str");
    const bool known =
        at(*pairs, "mchid") == identity_.merchant.mchid && !nonce.empty() &&
        http::equal_ignoring_case(at(*pairs, "serial_no"), identity_.merchant.merchant_serial);
    if (!known || !is_fresh(timestamp, clock_.now())) return false;
    const std::string message =
        lines({to_string(request.method), request.target, timestamp, nonce, request.body});
    return identity_.merchant_key.verify(message, at(*pairs, "signature"));
}

Gate::Headers Gate::proof_of(std::string_view body) const {
    const std::string timestamp = std::to_string(seconds_of(clock_.now()));
    const std::string nonce = random_.token(32);
    const std::string signature = identity_.platform_key.sign(lines({timestamp, nonce, body}));
    return {
        {"Wechatpay-Timestamp", timestamp},
        {"Wechatpay-Nonce", nonce},
        {"Wechatpay-Serial", identity_.merchant.public_key_id},
        {"Wechatpay-Signature", signature},
        {"Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"}};
}

http::Response Gate::respond(const Reply& reply) const {
    http::Response response;
    response.status = reply.status;
    response.body = reply.body;
    if (!reply.body.empty()) response.content_type = "application/json; charset=utf-8";
    response.with("Request-ID", "08" + random_.token(30) + "-0");
    if (reply.is_signed) {
        for (auto& [name, value] : proof_of(reply.body)) {
            response.with(std::move(name), std::move(value));
        }
    }
    return response;
}

}  // namespace doorbuster::sandbox
