#include "adapters/alipay/key_text.hpp"

#include "adapters/pay_wire/base64.hpp"

namespace doorbuster::alipay {

namespace {

using pay_wire::PrivateKey;
using pay_wire::PublicKey;

constexpr std::size_t kTextBytesMax = 64 * 1024;
constexpr std::size_t kPemLine = 64;

bool is_pem(std::string_view text) { return text.find("-----BEGIN ") != std::string_view::npos; }

// Base64 without the white space of its line breaks; nothing when it is not Base64.
std::optional<std::string> bare(std::string_view text) {
    if (text.size() > kTextBytesMax) return std::nullopt;
    std::string kept;
    for (const char c : text) {
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') kept += c;
    }
    if (kept.empty() || !pay_wire::from_base64(kept)) return std::nullopt;
    return kept;
}

std::string as_pem(const std::string& base64, const std::string& label) {
    std::string pem = "-----BEGIN " + label + "-----\n";
    for (std::size_t at = 0; at < base64.size(); at += kPemLine) {
        pem.append(base64, at, kPemLine) += '\n';
    }
    return pem + "-----END " + label + "-----\n";
}

}  // namespace

std::optional<PrivateKey> read_private_key(std::string_view text) {
    if (is_pem(text)) return PrivateKey::from_pem(text);
    const auto base64 = bare(text);
    if (!base64) return std::nullopt;
    auto key = PrivateKey::from_pem(as_pem(*base64, "PRIVATE KEY"));
    return key ? std::move(key) : PrivateKey::from_pem(as_pem(*base64, "RSA PRIVATE KEY"));
}

std::optional<PublicKey> read_public_key(std::string_view text) {
    if (is_pem(text)) return PublicKey::from_pem(text);
    const auto base64 = bare(text);
    return base64 ? PublicKey::from_pem(as_pem(*base64, "PUBLIC KEY")) : std::nullopt;
}

}  // namespace doorbuster::alipay
