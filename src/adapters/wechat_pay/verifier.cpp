#include "adapters/wechat_pay/verifier.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "adapters/pay_wire/base64.hpp"

namespace doorbuster::wechat_pay {

using pay_wire::from_base64;

namespace {

constexpr std::string_view kSignatureType = "WECHATPAY2-SHA256-RSA2048";
constexpr std::string_view kProbe = "WECHATPAY/SIGNTEST/";
constexpr std::int64_t kToleranceSeconds = 300;
// A signature of a 16384-bit key; more is not worth decoding.
constexpr std::size_t kSignatureTextMax = 2732;

bool same_ignoring_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) {
        return lower(x) == lower(y);
    });
}

struct Signed {
    std::string_view timestamp;
    std::string_view nonce;
    std::string_view serial;
    std::string_view signature;
    std::string_view type;
    bool repeated = false;  // proxies and parsers differ on which of two counts
};

Signed read(const Verifier::Headers& headers) {
    Signed found;
    const std::pair<std::string_view, std::string_view*> wanted[] = {
        {"Wechatpay-Timestamp", &found.timestamp},
        {"Wechatpay-Nonce", &found.nonce},
        {"Wechatpay-Serial", &found.serial},
        {"Wechatpay-Signature", &found.signature},
        {"Wechatpay-Signature-Type", &found.type},
    };
    for (const auto& [name, value] : headers) {
        for (const auto& [wanted_name, place] : wanted) {
            if (!same_ignoring_case(name, wanted_name)) continue;
            found.repeated |= place->data() != nullptr;
            *place = value;
        }
    }
    return found;
}

Verdict check_time(std::string_view timestamp, Time now) {
    std::int64_t seconds = 0;
    const auto* end = timestamp.data() + timestamp.size();
    const auto [stop, error] = std::from_chars(timestamp.data(), end, seconds);
    // The upper bound keeps the difference from overflowing; it is the year 5138.
    const bool readable = error == std::errc{} && stop == end && timestamp.front() != '-' &&
                          seconds < 100'000'000'000;
    if (!readable) return Verdict::bad_timestamp;
    const auto ours = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    return std::abs(ours - seconds) < kToleranceSeconds ? Verdict::ok : Verdict::expired;
}

Verdict check_signature(const PublicKey& key, const Signed& proof, std::string_view body) {
    if (proof.signature.starts_with(kProbe)) return Verdict::probe;
    if (proof.signature.size() > kSignatureTextMax) return Verdict::bad_signature;
    const auto signature = from_base64(proof.signature);
    if (!signature) return Verdict::bad_signature;
    std::string message;
    message.reserve(proof.timestamp.size() + proof.nonce.size() + body.size() + 3);
    for (const auto part : {proof.timestamp, proof.nonce, body}) message.append(part) += '\n';
    return key.verify(message, *signature) ? Verdict::ok : Verdict::bad_signature;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::ok:
            return "ok";
        case Verdict::missing_header:
            return "missing_header";
        case Verdict::repeated_header:
            return "repeated_header";
        case Verdict::bad_timestamp:
            return "bad_timestamp";
        case Verdict::expired:
            return "expired";
        case Verdict::bad_signature_type:
            return "bad_signature_type";
        case Verdict::unknown_serial:
            return "unknown_serial";
        case Verdict::probe:
            return "probe";
        case Verdict::bad_signature:
            return "bad_signature";
    }
    return "bad_signature";
}

Verifier::Verifier(TrustedKeys keys)
    : keys_{std::make_shared<const TrustedKeys>(std::move(keys))} {}

void Verifier::trust(TrustedKeys keys) {
    auto fresh = std::make_shared<const TrustedKeys>(std::move(keys));
    const std::lock_guard lock{mutex_};
    keys_.swap(fresh);
}

std::shared_ptr<const TrustedKeys> Verifier::keys() const {
    const std::lock_guard lock{mutex_};
    return keys_;
}

Verdict Verifier::verify(const Headers& headers, std::string_view body, Time now) const {
    const Signed proof = read(headers);
    if (proof.repeated) return Verdict::repeated_header;
    if (proof.timestamp.empty() || proof.nonce.empty() || proof.serial.empty() ||
        proof.signature.empty()) {
        return Verdict::missing_header;
    }
    if (const Verdict time = check_time(proof.timestamp, now); time != Verdict::ok) return time;
    if (!proof.type.empty() && proof.type != kSignatureType) return Verdict::bad_signature_type;

    const auto trusted = keys();
    const auto key = trusted->find(proof.serial);
    const bool known = key != trusted->end() && now < key->second.expires_at;
    return known ? check_signature(key->second.key, proof, body) : Verdict::unknown_serial;
}

}  // namespace doorbuster::wechat_pay
