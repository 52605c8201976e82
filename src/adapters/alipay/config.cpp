#include "adapters/alipay/config.hpp"

#include <algorithm>

#include "adapters/alipay/certificates.hpp"
#include "adapters/alipay/key_text.hpp"
#include "adapters/pay_wire/provider_url.hpp"

namespace doorbuster::alipay {

namespace {

constexpr std::size_t kUrlBytesMax = 256;

[[noreturn]] void refuse(const std::string& setting, const std::string& why) {
    throw BadConfig{"alipay." + setting + ": " + why};
}

bool is_digits(std::string_view text, std::size_t max) {
    return !text.empty() && text.size() <= max &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void check_url(const Config& config, const std::string& setting, std::string_view url) {
    const auto fault = pay_wire::fault_of_url(url, config.plain_http_allowed);
    if (!fault.empty()) refuse(setting, std::string{fault});
    if (!pay_wire::has_path(url)) refuse(setting, "must have a path");
    if (url.size() > kUrlBytesMax) refuse(setting, "is longer than 256 bytes");
}

void check_names(const Config& config) {
    if (!is_digits(config.app_id, 32)) refuse("app_id", "must be the digits of the application");
    if (!is_digits(config.seller_id, 28)) {
        refuse("seller_id", "must be the digits of the merchant's account (2088…)");
    }
    check_url(config, "gateway_url", config.gateway_url);
    if (!config.page_url.empty()) check_url(config, "page_url", config.page_url);
    check_url(config, "notify_url", config.notify_url);
    if (!config.return_url.empty()) check_url(config, "return_url", config.return_url);
}

void use_public_key(const Config& config, const std::string& own, Credentials& credentials) {
    auto key = read_public_key(config.public_key);
    if (!key) {
        refuse("public_key_file", "is not an RSA public key of 2048 bits or more, PEM or Base64");
    }
    if (key->public_der() == own) {
        refuse(
            "public_key_file",
            "is the application's own key; it must be Alipay's, which the console shows beside it"
        );
    }
    credentials.keys.emplace("", std::move(*key));
}

void use_certificates(const Config& config, const std::string& own, Credentials& credentials) {
    const auto app = read_certificate(config.app_certificate);
    if (!app) refuse("app_cert_file", "is not an RSA certificate in PEM");
    if (app->key.public_der() != own) {
        refuse("app_cert_file", "does not belong to private_key_file: their keys differ");
    }
    auto alipay = read_certificate(config.alipay_certificate);
    if (!alipay) refuse("alipay_cert_file", "is not an RSA certificate in PEM");
    if (alipay->key.public_der() == own) {
        refuse("alipay_cert_file", "is the application's own certificate; it must be Alipay's");
    }
    const auto roots = root_sn(config.root_certificates);
    if (!roots) refuse("root_cert_file", "holds no RSA certificate in PEM, or a damaged one");
    credentials.app_sn = app->sn;
    credentials.root_sn = *roots;
    credentials.first_key = alipay->sn;
    credentials.organisation = alipay->organisation;
    credentials.keys.emplace(alipay->sn, std::move(alipay->key));
}

}  // namespace

Credentials check(const Config& config) {
    check_names(config);
    auto own = read_private_key(config.private_key.reveal());
    if (!own) {
        refuse("private_key_file", "is not an RSA private key of 2048 bits or more, PEM or Base64");
    }
    const std::string own_der = own->public_der();
    Credentials credentials{Signer{std::move(*own)}, {}, {}, own_der, {}, {}, {}};
    const bool any_certificate = !config.app_certificate.empty() ||
                                 !config.alipay_certificate.empty() ||
                                 !config.root_certificates.empty();
    if (any_certificate && !config.public_key.empty()) {
        refuse("public_key_file", "and certificates exclude each other: an application has one");
    }
    if (!any_certificate && config.public_key.empty()) {
        refuse("public_key_file", "must be set, or the three certificate files");
    }
    if (any_certificate) {
        use_certificates(config, own_der, credentials);
    } else {
        use_public_key(config, own_der, credentials);
    }
    return credentials;
}

}  // namespace doorbuster::alipay
