#include "adapters/wechat_pay/config.hpp"

#include <algorithm>
#include <cctype>

#include "adapters/pay_wire/provider_url.hpp"
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

void check_url(const Config& config, const std::string& setting, std::string_view url) {
    const auto fault = pay_wire::fault_of_url(url, config.plain_http_allowed);
    if (!fault.empty()) refuse(setting, std::string{fault});
}

void check_notify_url(const Config& config, const std::string& setting, std::string_view url) {
    check_url(config, setting, url);
    if (url.size() > kNotifyUrlBytesMax) refuse(setting, "is longer than 255 bytes");
    if (!pay_wire::has_path(url)) refuse(setting, "must have a path");
}

void check_urls(const Config& config) {
    check_url(config, "base_url", config.base_url);
    if (!config.backup_url.empty()) {
        check_url(config, "backup_url", config.backup_url);
        if (path_of(config.backup_url) != path_of(config.base_url)) {
            refuse("backup_url", "must have the same path as base_url, which is signed");
        }
    }
    check_notify_url(config, "notify_url", config.notify_url);
    if (!config.refund_notify_url.empty()) {
        check_notify_url(config, "refund_notify_url", config.refund_notify_url);
    }
}

void check_names(const Config& config) {
    if (!is_plain(config.mchid, 32)) refuse("mchid", "must be 1 to 32 letters and digits");
    if (!is_plain(config.appid, 32)) refuse("appid", "must be 1 to 32 letters and digits");
    const std::size_t bytes = config.apiv3_key.reveal().size();
    if (bytes != kApiv3KeyBytes) {
        refuse("apiv3_key", "has " + std::to_string(bytes) + " bytes, must have exactly 32");
    }
}

bool same_serial(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return std::toupper(static_cast<unsigned char>(x)) ==
               std::toupper(static_cast<unsigned char>(y));
    });
}

// The merchant's own certificate, when it is given: its key and its serial must be those we use.
std::optional<PublicKey::Certified> own_certificate(const Config& config, const PrivateKey& own) {
    if (config.merchant_certificate_pem.empty()) return std::nullopt;
    auto certified = PublicKey::from_certificate(config.merchant_certificate_pem);
    if (!certified) refuse("certificate_file", "is not an RSA certificate in PEM");
    if (certified->key.public_der() != own.public_der()) {
        refuse("private_key_file", "is not the key of the certificate in certificate_file");
    }
    const std::string& given = config.merchant_serial;
    if (!given.empty() && !same_serial(given, certified->serial)) {
        refuse("serial_no", "is not that of certificate_file, which is " + certified->serial);
    }
    return certified;
}

void add_public_key(const Config& config, TrustedKeys& keys) {
    if (config.public_key_id.empty() && config.public_key_pem.empty()) return;
    if (config.public_key_pem.empty()) refuse("public_key_file", "must be set with public_key_id");
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
        if (!certified)
            refuse("platform_certificate_files", "one is not an RSA certificate in PEM");
        keys.emplace(
            std::move(certified->serial),
            TrustedKey{std::move(certified->key), certified->expires_at}
        );
    }
}

void refuse_own_key(const TrustedKeys& keys, const PrivateKey& own) {
    for (const auto& [serial, trusted] : keys) {
        if (trusted.key.public_der() != own.public_der()) continue;
        const bool is_public_key = serial.starts_with(kPublicKeyPrefix);
        refuse(
            is_public_key ? "public_key_file" : "platform_certificate_files",
            "is the merchant's own key; it must be the one downloaded from WeChat Pay"
        );
    }
}

}  // namespace

std::string path_of(const std::string& url) {
    const auto start = url.find('/', url.find("://") + 3);
    if (start == std::string::npos) return {};
    auto path = url.substr(start);
    while (path.ends_with('/')) path.pop_back();
    return path;
}

Credentials check(const Config& config) {
    check_names(config);
    check_urls(config);
    auto own = PrivateKey::from_pem(config.private_key_pem.reveal());
    if (!own) refuse("private_key_file", "is not an RSA private key of 2048 bits or more in PEM");
    const auto certified = own_certificate(config, *own);
    const std::string serial = certified ? certified->serial : config.merchant_serial;
    if (!is_plain(serial, 64)) {
        refuse("serial_no", "must be the serial number of the merchant's API certificate");
    }

    TrustedKeys keys;
    add_public_key(config, keys);
    add_certificates(config, keys);
    if (keys.empty() && !config.fetch_platform_certificates) {
        refuse("public_key_file", "must be set, or platform_certificates be true");
    }
    refuse_own_key(keys, *own);
    Signer signer{config.mchid, serial, std::move(*own)};
    const auto ends = certified ? std::optional{certified->expires_at} : std::nullopt;
    return {std::move(signer), std::move(keys), serial, ends};
}

}  // namespace doorbuster::wechat_pay
