#include "adapters/wechat_pay/config.hpp"

#include <algorithm>

#include "adapters/wechat_pay/aead.hpp"

namespace doorbuster::wechat_pay {

namespace {

constexpr std::size_t kNotifyUrlBytesMax = 255;
constexpr std::string_view kPublicKeyPrefix = "PUB_KEY_ID_";

[[noreturn]] void refuse(const std::string& setting, const std::string& why) {
    throw BadConfig{"wechat_pay." + setting + ": " + why};
}

bool is_plain(std::string_view text, std::size_t max) {
    return !text.empty() && text.size() <= max && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '_' || c == '-';
    });
}

bool is_on_this_machine(std::string_view after_scheme) {
    const auto host = after_scheme.substr(0, after_scheme.find_first_of(":/"));
    return host == "127.0.0.1" || host == "localhost" || after_scheme.starts_with("[::1]");
}

void check_url(const Config& config, const std::string& setting, std::string_view url) {
    const bool https = url.starts_with("https://");
    const bool http = url.starts_with("http://");
    if (!https && !http) refuse(setting, "must begin with https://");
    const auto rest = url.substr(https ? 8 : 7);
    const auto visible = [](char c) { return c > ' ' && c < 127 && c != '"'; };
    if (rest.empty() || rest.front() == '/' || !std::all_of(rest.begin(), rest.end(), visible)) {
        refuse(setting, "is not a URL");
    }
    if (rest.find_first_of("?#@") != std::string_view::npos) {
        refuse(setting, "must have no query, fragment or user name");
    }
    if (http && !config.plain_http_allowed && !is_on_this_machine(rest)) {
        refuse(setting, "must begin with https://, because it leads to another machine");
    }
}

void check_notify_url(const Config& config, const std::string& setting, std::string_view url) {
    check_url(config, setting, url);
    if (url.size() > kNotifyUrlBytesMax) refuse(setting, "is longer than 255 bytes");
    if (url.find('/', url.find("://") + 3) == std::string_view::npos) {
        refuse(setting, "must have a path");
    }
}

void check_urls(const Config& config) {
    check_url(config, "base_url", config.base_url);
    if (!config.backup_url.empty()) check_url(config, "backup_url", config.backup_url);
    check_notify_url(config, "notify_url", config.notify_url);
    if (!config.refund_notify_url.empty()) {
        check_notify_url(config, "refund_notify_url", config.refund_notify_url);
    }
}

void check_names(const Config& config) {
    if (!is_plain(config.mchid, 32)) refuse("mchid", "must be 1 to 32 letters and digits");
    if (!is_plain(config.appid, 32)) refuse("appid", "must be 1 to 32 letters and digits");
    if (!is_plain(config.merchant_serial, 64)) {
        refuse("serial_no", "must be the serial number of the merchant's API certificate");
    }
    if (config.apiv3_key.reveal().size() != kApiv3KeyBytes) {
        refuse("apiv3_key", "must be exactly 32 bytes");
    }
}

void add_public_key(const Config& config, TrustedKeys& keys) {
    if (config.public_key_id.empty() && config.public_key_pem.empty()) return;
    if (!config.public_key_id.starts_with(kPublicKeyPrefix) ||
        !is_plain(config.public_key_id, 128)) {
        refuse("public_key_id", "must begin with PUB_KEY_ID_");
    }
    auto key = PublicKey::from_pem(config.public_key_pem);
    if (!key) refuse("public_key_file", "is not an RSA public key of 2048 bits or more in PEM");
    keys.emplace(config.public_key_id, TrustedKey{std::move(*key)});
}

void add_certificates(const Config& config, TrustedKeys& keys) {
    for (const std::string& pem : config.platform_certificate_pems) {
        auto certified = PublicKey::from_certificate(pem);
        if (!certified) refuse("platform_certificates", "one is not an RSA certificate in PEM");
        keys.emplace(
            std::move(certified->serial),
            TrustedKey{std::move(certified->key), certified->expires_at}
        );
    }
}

}  // namespace

Credentials check(const Config& config) {
    check_names(config);
    check_urls(config);
    auto own = PrivateKey::from_pem(config.private_key_pem.reveal());
    if (!own) refuse("private_key_file", "is not an RSA private key of 2048 bits or more in PEM");

    TrustedKeys keys;
    add_public_key(config, keys);
    add_certificates(config, keys);
    if (keys.empty() && !config.fetch_platform_certificates) {
        refuse("public_key_file", "must be set, or platform_certificates be true");
    }
    for (const auto& [serial, trusted] : keys) {
        if (trusted.key.public_der() == own->public_der()) {
            refuse(
                serial.starts_with(kPublicKeyPrefix) ? "public_key_file" : "platform_certificates",
                "is the merchant's own key; it must be the one downloaded from WeChat Pay"
            );
        }
    }
    return {Signer{config.mchid, config.merchant_serial, std::move(*own)}, std::move(keys)};
}

}  // namespace doorbuster::wechat_pay
