#include "webhooks/signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

namespace doorbuster::webhooks {
namespace {

std::string hmac_hex(const std::string& key, const std::string& text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    const int key_size = static_cast<int>(key.size());
    if (!HMAC(EVP_sha256(), key.data(), key_size, bytes, text.size(), digest.data(), &size)) {
        throw std::runtime_error{"HMAC failed"};
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        hex += kDigits[digest[i] >> 4];
        hex += kDigits[digest[i] & 15];
    }
    return hex;
}

constexpr std::size_t kSecretLength = 40;

std::string seconds_of(Time now) { return std::to_string(to_milliseconds(now) / 1000); }

std::string signed_part(const Secret& secret, const std::string& seconds, std::string_view body) {
    return ",v1=" + hmac_hex(secret.reveal(), seconds + '.' + std::string{body});
}

}  // namespace

Secret new_secret(Random& random) { return Secret{"whsec_" + random.token(kSecretLength)}; }

std::string signature(const Secret& secret, Time now, std::string_view body) {
    const std::string seconds = seconds_of(now);
    return "t=" + seconds + signed_part(secret, seconds, body);
}

// The older one last: a receiver that was written before there were two, and looks at the last
// only, goes on until it is changed.
std::string signature(const Webhook& webhook, Time now, std::string_view body) {
    std::string header = signature(webhook.secret, now, body);
    const bool old_one_signs = webhook.old_secret_until && now < *webhook.old_secret_until;
    if (old_one_signs) header += signed_part(webhook.old_secret, seconds_of(now), body);
    return header;
}

}  // namespace doorbuster::webhooks
