#include "sandbox/alipay/gate.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "http/text.hpp"
#include "sandbox/common/text.hpp"

namespace doorbuster::sandbox::alipay {

namespace {

namespace json = boost::json;

constexpr std::size_t kParamsMax = 64;
// How far a request's time may be off. Alipay does not say; generous.
constexpr auto kClockTolerance = std::chrono::hours{24};

bool add_params(Params& params, std::string_view form) {
    bool good = true;
    http::for_each_part(form, '&', [&](std::string_view pair) {
        if (pair.empty()) return;
        const auto equals = std::min(pair.find('='), pair.size());
        const auto decode = [](std::string_view text) {
            return http::percent_decode(text, http::Plus::is_space);
        };
        std::string name = decode(pair.substr(0, equals));
        std::string value = decode(pair.substr(std::min(equals + 1, pair.size())));
        const bool text = http::utf8_length(name) && http::utf8_length(value) &&
                          name.find('\0') == std::string::npos &&
                          value.find('\0') == std::string::npos;
        const auto [known, added] = params.try_emplace(std::move(name), value);
        good = good && text && (added || known->second == value) && params.size() <= kParamsMax;
    });
    return good;
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            encoded += c;
        } else {
            encoded += '%';
            encoded += kDigits[byte >> 4U];
            encoded += kDigits[byte & 15U];
        }
    }
    return encoded;
}

std::string_view at(const Params& params, std::string_view name) {
    const auto found = params.find(name);
    return found == params.end() ? std::string_view{} : std::string_view{found->second};
}

Reply missing(std::string_view sub_code, std::string_view name) {
    return {
        "40001",
        "Missing Required Arguments",
        std::string{sub_code},
        "缺少" + std::string{name} + "参数"};
}
Reply invalid(std::string_view sub_code, std::string sub_msg) {
    return {"40002", "Invalid Arguments", std::string{sub_code}, std::move(sub_msg)};
}

// The first of the common parameters that is missing, or has a value that is not known.
std::optional<Reply> bad_common_params(const Params& params) {
    if (at(params, "app_id").empty()) return missing("isv.missing-app-id", "应用ID");
    if (at(params, "method").empty()) return missing("isv.missing-method", "方法名");
    if (at(params, "sign").empty()) return missing("isv.missing-signature", "签名");
    if (at(params, "sign_type").empty()) return missing("isv.missing-signature-type", "签名类型");
    if (at(params, "timestamp").empty()) return missing("isv.missing-timestamp", "时间戳");
    if (at(params, "version").empty()) return missing("isv.missing-version", "版本");
    if (at(params, "charset").empty()) return missing("isv.missing-charset", "字符集");
    if (at(params, "sign_type") != "RSA2") {
        return invalid("isv.invalid-signature-type", "签名类型须为RSA2");
    }
    if (!http::equal_ignoring_case(at(params, "charset"), "utf-8")) {
        return invalid("isv.invalid-charset", "字符集须为utf-8");
    }
    if (at(params, "version") != "1.0") return invalid("isv.invalid-version", "版本须为1.0");
    const auto format = at(params, "format");
    if (!format.empty() && !http::equal_ignoring_case(format, "json")) {
        return invalid("isv.invalid-format", "格式须为JSON");
    }
    return std::nullopt;
}

// Amounts, order and new members, changed as the faults say.
std::string spoilt_node(std::string node, const Spoiling& spoiling) {
    if (!spoiling.wrong_amount && !spoiling.wrong_owner && !spoiling.extra_fields) return node;
    json::value value = json::parse(node);
    json::object& object = value.get_object();
    if (spoiling.extra_fields) object["new_member"] = json::array{1, "of the future"};
    if (spoiling.wrong_owner && object.contains("out_trade_no")) {
        object["out_trade_no"] = "OTHER0000000000000000";
    }
    for (const char* name : {"total_amount", "refund_amount", "refund_fee"}) {
        json::value* amount = spoiling.wrong_amount ? object.if_contains(name) : nullptr;
        if (!amount) continue;
        const auto money = Money::from_yuan(amount->get_string().c_str());
        if (money) *amount = (*money + Money::fen(1)).to_yuan();
    }
    return json::serialize(value);
}

}  // namespace

std::optional<Params> params_of(const http::Request& request) {
    Params params;
    const bool has_form = request.method == http::Method::post;
    if (!add_params(params, request.query)) return std::nullopt;
    if (has_form && !add_params(params, request.body)) return std::nullopt;
    return params;
}

std::string text_to_sign(const Params& params, bool with_sign_type, bool with_empty) {
    std::string text;
    for (const auto& [name, value] : params) {
        if ((value.empty() && !with_empty) || name == "sign") continue;
        if (name == "sign_type" && !with_sign_type) continue;
        if (!text.empty()) text += '&';
        text.append(name).append("=").append(value);
    }
    return text;
}

std::string form_of(const Params& params) {
    std::string form;
    for (const auto& [name, value] : params) {
        if (!form.empty()) form += '&';
        form.append(percent_encoded(name)).append("=").append(percent_encoded(value));
    }
    return form;
}

Reply business_failure(std::string_view sub_code, std::string_view sub_msg) {
    return {"40004", "Business Failed", std::string{sub_code}, std::string{sub_msg}};
}

std::string node_json(const Reply& reply) {
    json::object head{{"code", reply.code}, {"msg", reply.msg}};
    if (!reply.sub_code.empty()) {
        head["sub_code"] = reply.sub_code;
        head["sub_msg"] = reply.sub_msg;
    }
    std::string text = json::serialize(head);
    text.pop_back();
    return text + reply.members + "}";
}

std::string error_response(const Reply& reply) {
    return R"({"error_response":)" + node_json(reply) + "}";
}

std::optional<Reply> Gate::refusal_of(const Params& params) const {
    if (auto bad = bad_common_params(params)) return bad;
    if (at(params, "app_id") != identity_.merchant.app_id) {
        return invalid("isv.invalid-app-id", "无效的AppID参数");
    }
    const auto sent = from_beijing_text(at(params, "timestamp"));
    const Time now = ground_.clock.now();
    if (!sent || *sent > now + kClockTolerance || *sent < now - kClockTolerance) {
        return invalid("isv.invalid-timestamp", "非法的时间戳参数");
    }
    const bool certified = params.contains("app_cert_sn");
    if (certified && at(params, "app_cert_sn") != identity_.app_cert_sn) {
        return invalid("isv.invalid-app-cert-sn", "应用公钥证书SN无效");
    }
    if (certified && at(params, "alipay_root_cert_sn") != identity_.root_cert_sn) {
        return invalid("isv.invalid-root-cert-sn", "支付宝根证书SN无效");
    }
    const std::string text = text_to_sign(params, true);
    const auto proves = [&](const std::string& signed_text) {
        return identity_.app_key.verify(signed_text, at(params, "sign"));
    };
    if (!proves(text) && !proves(text_to_sign(params, true, true))) {
        return invalid(
            "isv.invalid-signature",
            "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，网关生成的验签字符串为：" +
                text
        );
    }
    return std::nullopt;
}

Gate::Admission Gate::admit(const http::Request& request) const {
    auto params = params_of(request);
    if (!params) {
        return {
            std::nullopt, error_response(invalid("isv.invalid-parameter", "参数重复或不是UTF-8"))};
    }
    if (const auto refusal = refusal_of(*params)) return {std::nullopt, error_response(*refusal)};
    Call call;
    call.method = at(*params, "method");
    call.certified = params->contains("app_cert_sn");
    call.params = std::move(*params);
    return {std::move(call), {}};
}

Gate::Signer Gate::signer(bool certified, const Spoiling& spoiling) const {
    if (certified && ground_.faults.strikes(Faults::Point::rotate_key)) {
        identity_.signing_keys->rotate(ground_.clock.now(), ground_.random);
    }
    Signer signer{identity_.alipay_key, {}};
    if (certified) {
        const CertifiedKey current = identity_.signing_keys->current();
        signer = {current.key, current.certificate.alipay_sn};
    }
    if (spoiling.wrong_key) signer.key = identity_.app_key;
    if (certified && spoiling.unknown_serial) signer.cert_sn = std::string(32, '9');
    return signer;
}

std::string Gate::sign(const std::string& text, const RsaKey& key, const Spoiling& spoiling) const {
    // A signature of other bytes is well-formed and wrong.
    std::string signature = key.sign(spoiling.bad_signature ? text + " " : text);
    if (spoiling.signature_probe) signature.replace(0, 20, "!!!!no base64 here!!");
    return signature;
}

std::string Gate::envelope(const Call& call, const Reply& reply, const Spoiling& spoiling) const {
    if (spoiling.not_json) return "<html><body>502 Bad Gateway</body></html>";
    const std::string node = spoilt_node(node_json(reply), spoiling);
    const Signer signed_by = signer(call.certified, spoiling);
    std::string name = call.method;
    std::replace(name.begin(), name.end(), '.', '_');
    std::string text = "{\"" + name + "_response\":" + node;
    if (call.certified) text += R"(,"alipay_cert_sn":")" + signed_by.cert_sn + "\"";
    text += R"(,"sign":")" + sign(node, signed_by.key, spoiling) + "\"}";
    return spoiling.truncated ? text.substr(0, text.size() / 2) : text;
}

Params Gate::signed_params(Params params, bool certified, const Spoiling& spoiling) const {
    const Signer signed_by = signer(certified, spoiling);
    params["app_id"] = params["auth_app_id"] = identity_.merchant.app_id;
    params["charset"] = "utf-8";
    params["version"] = "1.0";
    params["seller_id"] = spoiling.wrong_owner ? "2088999999999999" : identity_.merchant.seller_id;
    if (certified) params["alipay_cert_sn"] = signed_by.cert_sn;
    if (spoiling.extra_fields) params["new_parameter"] = "of the future & more=?";
    if (spoiling.wrong_amount) {
        const auto money = Money::from_yuan(at(params, "total_amount"));
        if (money) params["total_amount"] = (*money + Money::fen(1)).to_yuan();
    }
    params["sign"] = sign(text_to_sign(params, false), signed_by.key, spoiling);
    params["sign_type"] = "RSA2";
    return params;
}

}  // namespace doorbuster::sandbox::alipay
