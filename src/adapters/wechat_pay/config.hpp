#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/pay_wire/key_file.hpp"
#include "adapters/wechat_pay/signer.hpp"
#include "adapters/wechat_pay/verifier.hpp"
#include "core/secret.hpp"

namespace doorbuster::wechat_pay {

// Everything a merchant has from WeChat Pay. Keys are PEM text, see pay_wire/key_file.hpp.
struct Config {
    std::string mchid;
    std::string appid;
    std::string merchant_serial;  // of the merchant's API certificate, hex
    // That certificate, when it is at hand: the key must be its, and the serial need not be given.
    std::string merchant_certificate_pem;
    Secret private_key_pem;  // of the merchant
    Secret apiv3_key;        // exactly 32 bytes
    // WeChat Pay's keys: its public key, its platform certificates, or both while it changes over.
    std::string public_key_id;  // PUB_KEY_ID_…
    std::string public_key_pem;
    std::vector<std::string> platform_certificate_pems;
    // Fetch the platform certificates and keep them up to date. Then no key needs to be here: the
    // first fetch proves itself by the APIv3 key.
    bool fetch_platform_certificates = false;
    // Everything before /v3; may have a path of its own, which is then signed too.
    std::string base_url = "https://api.mch.weixin.qq.com";
    // Asked when a connection to base_url could not be made; empty: none. Same path.
    std::string backup_url = "https://api2.mch.weixin.qq.com";
    std::string notify_url;
    std::string refund_notify_url;  // where refunds are told; empty: where payments are
    // Plain http to and from other machines, for a gateway simulator in a closed network. Plain
    // http on this machine itself is always allowed.
    bool plain_http_allowed = false;
};

using pay_wire::BadConfig;

// What a checked configuration is turned into.
struct Credentials {
    Signer signer;
    TrustedKeys keys;
    std::string merchant_serial;
    std::optional<Time> merchant_certificate_ends;  // when it is known
};
// Throws BadConfig. Also when WeChat Pay's key is the merchant's own, the classic mistake, with
// which nothing that WeChat Pay signs would verify and everything we sign would.
Credentials check(const Config& config);

// What stands between the host of a URL and /v3; mostly nothing.
std::string path_of(const std::string& url);

}  // namespace doorbuster::wechat_pay
