#include "adapters/alipay/verifier.hpp"

#include <algorithm>
#include <array>

#include "adapters/alipay/json_members.hpp"
#include "adapters/pay_wire/base64.hpp"

namespace doorbuster::alipay {

namespace {

using pay_wire::PublicKey;

constexpr std::size_t kAnswerBytesMax = 2 * 1024 * 1024;
// A signature of a 16384-bit key; more is not worth decoding.
constexpr std::size_t kSignatureTextMax = 2732;

// The fields that decide anything; none has an ampersand in its value. What is signed does not mark
// where a value ends: `a=1&b=2` is signed alike whether it is two fields or one.
constexpr std::array<std::string_view, 15> kDecisive{
    "app_id",
    "charset",
    "gmt_close",
    "gmt_payment",
    "gmt_refund",
    "method",
    "notify_id",
    "notify_type",
    "out_biz_no",
    "out_trade_no",
    "refund_fee",
    "seller_id",
    "total_amount",
    "trade_no",
    "trade_status"};

bool verifies(const PublicKey& key, std::string_view text, std::string_view signature_base64) {
    if (signature_base64.size() > kSignatureTextMax) return false;
    const auto signature = pay_wire::from_base64(signature_base64);
    return signature && !signature->empty() && key.verify(text, *signature);
}

std::string with_plain_slashes(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] == '/') continue;
        plain += text[at];
    }
    return plain;
}

// The text of a JSON string that needs no escapes; empty when it is no such string.
std::string_view plain_text(std::string_view value) {
    if (value.size() < 2 || value.front() != '"') return {};
    const auto text = value.substr(1, value.size() - 2);
    return text.find('\\') == std::string_view::npos ? text : std::string_view{};
}

struct AnswerParts {
    std::string_view node;
    std::string signature;
    std::string_view certificate_sn;
    bool strange = false;  // two nodes, or one of another question
};

std::string node_name(std::string_view method) {
    std::string name{method};
    std::replace(name.begin(), name.end(), '.', '_');
    return name + "_response";
}

AnswerParts parts_of(const std::vector<JsonMember>& members, std::string_view method) {
    const std::string wanted = node_name(method);
    AnswerParts parts;
    for (const auto& [name, value] : members) {
        if (name == "sign") {
            // Base64 has slashes, which a JSON writer may escape.
            parts.signature = with_plain_slashes(value);
        } else if (name == "alipay_cert_sn") {
            parts.certificate_sn = plain_text(value);
        } else if (name == wanted || name == "error_response") {
            parts.strange |= !parts.node.empty();
            parts.node = value;
        }
    }
    parts.signature = std::string{plain_text(parts.signature)};
    parts.strange |= !parts.node.starts_with('{');
    return parts;
}

std::size_t occurrences(std::string_view text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

bool is_ambiguous(const Params& params) {
    const std::string text = "&" + joined(params);
    return std::any_of(kDecisive.begin(), kDecisive.end(), [&](std::string_view name) {
        const bool strange = value_of(params, name).find('&') != std::string_view::npos;
        const std::size_t expected = params.contains(name) ? 1 : 0;
        return strange || occurrences(text, "&" + std::string{name} + "=") != expected;
    });
}

bool is_utf8(std::string_view charset) {
    std::string lower{charset};
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return lower.empty() || lower == "utf-8" || lower == "utf8";
}

// Senders differ on two points, whether empty values are signed and whether the SN of the
// certificate is. All of it is tried; no form is believed that Alipay's key did not sign.
bool verifies_in_some_form(const PublicKey& key, const Params& params, std::string_view signature) {
    if (verifies(key, joined(params), signature)) return true;
    Params without_empties = params;
    std::erase_if(without_empties, [](const auto& param) { return param.second.empty(); });
    if (without_empties.size() < params.size() &&
        verifies(key, joined(without_empties), signature)) {
        return true;
    }
    Params without_sn = params;
    return without_sn.erase("alipay_cert_sn") > 0 && verifies(key, joined(without_sn), signature);
}

}  // namespace

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::ok:
            return "ok";
        case Verdict::malformed:
            return "malformed";
        case Verdict::wrong_node:
            return "wrong_node";
        case Verdict::missing_signature:
            return "missing_signature";
        case Verdict::bad_signature_type:
            return "bad_signature_type";
        case Verdict::unsupported_charset:
            return "unsupported_charset";
        case Verdict::ambiguous:
            return "ambiguous";
        case Verdict::unknown_certificate:
            return "unknown_certificate";
        case Verdict::bad_signature:
            return "bad_signature";
    }
    return "bad_signature";
}

Verifier::Verifier(TrustedKeys keys, std::string first)
    : by_certificate_{!first.empty()}, first_{std::move(first)}, keys_{std::move(keys)} {}

bool Verifier::knows(std::string_view certificate_sn) const {
    const std::lock_guard lock{mutex_};
    return keys_.find(certificate_sn) != keys_.end();
}

void Verifier::trust(const std::string& certificate_sn, PublicKey key) {
    const std::lock_guard lock{mutex_};
    keys_.insert_or_assign(certificate_sn, std::move(key));
}

// In public-key mode there is one key, whatever the message says of certificates.
Verdict Verifier::find_key(std::string_view sn, std::optional<PublicKey>& key) const {
    const std::lock_guard lock{mutex_};
    const auto found = keys_.find(by_certificate_ && !sn.empty() ? sn : first_);
    if (found == keys_.end()) return Verdict::unknown_certificate;
    key = found->second;
    return Verdict::ok;
}

Verifier::Answer Verifier::check_answer(std::string_view method, std::string_view body) const {
    Answer answer;
    if (body.size() > kAnswerBytesMax) return answer;
    const auto members = top_level_members(body);
    if (!members) return answer;
    const AnswerParts parts = parts_of(*members, method);
    answer.verdict = Verdict::wrong_node;
    if (parts.strange) return answer;
    answer.node = parts.node;
    answer.certificate_sn = parts.certificate_sn;
    answer.verdict = Verdict::missing_signature;
    if (parts.signature.empty()) return answer;

    std::optional<PublicKey> key;
    answer.verdict = find_key(parts.certificate_sn, key);
    if (!key || verifies(*key, answer.node, parts.signature)) return answer;
    // Java and PHP on their side sign before they escape slashes. What is believed then is the text
    // that was signed, not the one that came.
    std::string plain = with_plain_slashes(answer.node);
    if (plain.size() < answer.node.size() && verifies(*key, plain, parts.signature)) {
        answer.node = std::move(plain);
        return answer;
    }
    answer.verdict = Verdict::bad_signature;
    return answer;
}

Verifier::Form Verifier::check_form(std::string_view form) const {
    Form checked;
    auto params = parse_form(form);
    if (!params) return checked;
    const std::string signature{value_of(*params, "sign")};
    const std::string type{value_of(*params, "sign_type")};
    params->erase("sign");
    params->erase("sign_type");
    checked.params = std::move(*params);
    checked.certificate_sn = value_of(checked.params, "alipay_cert_sn");

    std::optional<PublicKey> key;
    if (signature.empty()) {
        checked.verdict = Verdict::missing_signature;
    } else if (type != "RSA2") {
        checked.verdict = Verdict::bad_signature_type;
    } else if (!is_utf8(value_of(checked.params, "charset"))) {
        checked.verdict = Verdict::unsupported_charset;
    } else if (is_ambiguous(checked.params)) {
        checked.verdict = Verdict::ambiguous;
    } else {
        checked.verdict = find_key(checked.certificate_sn, key);
        if (key && !verifies_in_some_form(*key, checked.params, signature)) {
            checked.verdict = Verdict::bad_signature;
        }
    }
    return checked;
}

}  // namespace doorbuster::alipay
