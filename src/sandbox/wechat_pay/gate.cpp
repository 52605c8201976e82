#include "sandbox/wechat_pay/gate.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cstdlib>
#include <map>

#include "http/text.hpp"
#include "sandbox/common/text.hpp"

namespace doorbuster::sandbox::wechat_pay {

namespace {

namespace json = boost::json;

constexpr std::string_view kScheme = "WECHATPAY2-SHA256-RSA2048 ";
constexpr std::int64_t kToleranceSeconds = 300;
constexpr std::size_t kShownMessageMax = 512;  // of a text that was to be signed

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

// What a signature was held against, as WeChat Pay tells it: the beginning of the text, if it is
// one.
json::object sign_information(const http::Request& request, const std::string& message) {
    return {
        {"method", json_view(to_string(request.method))},
        {"url", json_view(beginning_of(request.target, kShownMessageMax))},
        {"truncated_sign_message", json_view(beginning_of(message, kShownMessageMax))},
        {"sign_message_length", message.size()}};
}

Reply sign_error(std::string_view field, std::string_view issue, json::object information = {}) {
    json::object detail{
        {"field", json_view(field)}, {"location", "authorization"}, {"issue", json_view(issue)}};
    if (!information.empty()) detail["sign_information"] = std::move(information);
    const json::object body{
        {"code", "SIGN_ERROR"},
        {"message", "签名错误：" + std::string{field} + " " + std::string{issue}},
        {"detail", std::move(detail)}};
    return {401, json::serialize(body), false};
}

}  // namespace

Reply wechat_error(
    int status, std::string_view code, std::string_view message, std::string_view field
) {
    json::object body{{"code", json_view(code)}, {"message", json_view(message)}};
    if (!field.empty()) {
        body["detail"] = json::object{{"field", json_view(field)}, {"location", "body"}};
    }
    return {status, json::serialize(body)};
}

std::optional<Reply> Gate::refusal_of(const http::Request& request) const {
    std::string_view authorization = request.header("Authorization");
    const bool has_scheme = authorization.starts_with(kScheme);
    if (has_scheme) authorization.remove_prefix(kScheme.size());
    const auto pairs = has_scheme ? parse_pairs(authorization) : std::nullopt;
    const bool whole = pairs && pairs->size() == 5 && !at(*pairs, "nonce_str").empty();
    if (!whole) {
        return sign_error(
            "Authorization",
            "须为 WECHATPAY2-SHA256-RSA2048 及 mchid、nonce_str、signature、timestamp、serial_no"
        );
    }
    if (at(*pairs, "mchid") != identity_.merchant.mchid) {
        return sign_error("mchid", "不是本模拟器的商户号");
    }
    if (!http::equal_ignoring_case(at(*pairs, "serial_no"), identity_.merchant.merchant_serial)) {
        return sign_error("serial_no", "不是商户API证书的序列号");
    }
    const auto timestamp = at(*pairs, "timestamp");
    if (!is_fresh(timestamp, ground_.clock.now())) {
        return sign_error("timestamp", "与模拟器的时间相差超过5分钟");
    }
    const std::string message = lines(
        {to_string(request.method),
         request.target,
         timestamp,
         at(*pairs, "nonce_str"),
         request.body}
    );
    if (identity_.merchant_key.verify(message, at(*pairs, "signature"))) return std::nullopt;
    return sign_error("signature", "签名与请求不符", sign_information(request, message));
}

std::string spoilt_text(std::string text, const Spoiling& spoiling) {
    if (spoiling.not_json) return "<html><body>502 Bad Gateway</body></html>";
    if (spoiling.truncated) return text.substr(0, text.size() / 2);
    if (!spoiling.wrong_amount && !spoiling.wrong_owner && !spoiling.extra_fields) return text;
    json::error_code failed;
    json::value value = json::parse(text, failed);
    if (failed || !value.is_object()) return text;
    json::object& object = value.get_object();
    if (spoiling.wrong_owner) object["mchid"] = "1900009999";
    if (spoiling.extra_fields) {
        object["new_member"] = json::object{{"of", "the future"}, {"list", json::array{1, 2}}};
    }
    json::value* amount = spoiling.wrong_amount ? object.if_contains("amount") : nullptr;
    if (amount && amount->is_object()) {
        const char* name = amount->get_object().contains("refund") ? "refund" : "total";
        json::value& fen = amount->get_object()[name];
        if (fen.is_int64()) fen = fen.get_int64() + 1;
    }
    return json::serialize(value);
}

Gate::Headers Gate::proof_of(std::string_view body, const Spoiling& spoiling) const {
    const Time now = ground_.clock.now();
    const bool certified = ground_.options.get().platform_certificates;
    if (certified && ground_.faults.strikes(Faults::Point::rotate_key)) {
        identity_.platform_keys->rotate(now, ground_.random);
    }
    const CertifiedKey platform = identity_.platform_keys->current();
    const RsaKey& own_key = certified ? platform.key : identity_.platform_key;
    const RsaKey& key = spoiling.wrong_key ? identity_.merchant_key : own_key;
    std::string serial =
        certified ? platform.certificate.serial_hex : identity_.merchant.public_key_id;
    if (spoiling.unknown_serial) serial = std::string(serial.size(), '9');
    const auto age = spoiling.stale_timestamp ? std::chrono::seconds{601} : std::chrono::seconds{0};
    const std::string timestamp = std::to_string(seconds_of(now - age));
    const std::string nonce = ground_.random.token(32);
    // A signature of other bytes is well-formed and wrong.
    const std::string_view suffix = spoiling.bad_signature ? " " : "";
    std::string signature = key.sign(lines({timestamp, nonce, std::string{body}.append(suffix)}));
    if (spoiling.signature_probe) {
        signature = "WECHATPAY/SIGNTEST/" + signature.substr(0, signature.size() - 19);
    }
    return {
        {"Wechatpay-Timestamp", timestamp},
        {"Wechatpay-Nonce", nonce},
        {"Wechatpay-Serial", serial},
        {"Wechatpay-Signature", signature},
        {"Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"}};
}

http::Response Gate::respond(Reply reply, const Spoiling& spoiling) const {
    http::Response response;
    response.status = reply.status;
    response.body = reply.body.empty() ? reply.body : spoilt_text(std::move(reply.body), spoiling);
    if (!response.body.empty()) response.content_type = "application/json; charset=utf-8";
    response.with("Request-ID", "08" + ground_.random.token(30) + "-0");
    if (reply.is_signed) {
        for (auto& [name, value] : proof_of(response.body, spoiling)) {
            response.with(std::move(name), std::move(value));
        }
    }
    return response;
}

}  // namespace doorbuster::sandbox::wechat_pay
