#include "adapters/wechat_pay/certificates.hpp"

#include "adapters/pay_wire/strict_json.hpp"
#include "adapters/wechat_pay/aead.hpp"

namespace doorbuster::wechat_pay {

using pay_wire::object_of;
using pay_wire::parse_strict;
using pay_wire::text_of;
using pay_wire::token_of;

namespace {

namespace json = boost::json;

constexpr std::size_t kCertificatesMax = 64;

std::optional<std::string> open_certificate(std::string_view key, const json::object& sealed) {
    if (text_of(sealed, "algorithm", 64) != "AEAD_AES_256_GCM") return std::nullopt;
    const auto nonce = text_of(sealed, "nonce", 16);
    const auto ciphertext = text_of(sealed, "ciphertext", 64 * 1024);
    if (!nonce || !ciphertext) return std::nullopt;
    const auto data = text_of(sealed, "associated_data", 64).value_or("");
    return open_sealed(key, *nonce, data, *ciphertext);
}

std::optional<TrustedKeys::value_type> read_one(std::string_view key, const json::value& entry) {
    const json::object* object = entry.if_object();
    const json::object* sealed = object ? object_of(*object, "encrypt_certificate") : nullptr;
    if (!sealed) return std::nullopt;
    const auto serial = token_of(*object, "serial_no", 64);
    const auto expires = token_of(*object, "expire_time", 64);
    const auto expires_at = expires ? from_rfc3339(*expires) : std::nullopt;
    const auto pem = open_certificate(key, *sealed);
    auto certified = pem ? PublicKey::from_certificate(*pem) : std::nullopt;
    if (!certified || !serial || certified->serial != *serial || !expires_at) return std::nullopt;
    return TrustedKeys::value_type{*serial, {std::move(certified->key), *expires_at}};
}

std::optional<TrustedKeys> read_all(std::string_view key, std::string_view body) {
    const auto root = parse_strict(body);
    const json::object* object = root ? root->if_object() : nullptr;
    const json::value* data = object ? object->if_contains("data") : nullptr;
    const json::array* entries = data ? data->if_array() : nullptr;
    if (!entries || entries->empty() || entries->size() > kCertificatesMax) return std::nullopt;
    TrustedKeys certificates;
    for (const json::value& entry : *entries) {
        auto certificate = read_one(key, entry);
        if (!certificate) return std::nullopt;
        certificates.insert(std::move(*certificate));
    }
    return certificates;
}

}  // namespace

std::optional<TrustedKeys> accept_certificates(
    std::string_view apiv3_key,
    const Verifier::Headers& headers,
    std::string_view body,
    Time now,
    const TrustedKeys& trusted
) {
    auto certificates = read_all(apiv3_key, body);
    if (!certificates) return std::nullopt;
    TrustedKeys keys = *certificates;
    keys.insert(trusted.begin(), trusted.end());
    const Verifier verifier{std::move(keys)};
    if (verifier.verify(headers, body, now) != Verdict::ok) return std::nullopt;
    return certificates;
}

}  // namespace doorbuster::wechat_pay
