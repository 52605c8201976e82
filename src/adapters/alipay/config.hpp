#pragma once

#include <string>
#include <vector>

#include "adapters/alipay/signer.hpp"
#include "adapters/alipay/verifier.hpp"
#include "adapters/pay_wire/key_file.hpp"
#include "core/secret.hpp"

namespace doorbuster::alipay {

using pay_wire::BadConfig;

// Everything a merchant has from Alipay. Either `public_key` is set (public-key mode), or the three
// certificates are (certificate mode).
struct Config {
    std::string app_id;
    std::string seller_id;           // the account that is paid, 2088…
    Secret private_key;              // of the application: PEM or bare Base64, PKCS#8 or PKCS#1
    std::string public_key;          // Alipay's, not the application's: PEM or bare Base64
    std::string app_certificate;     // PEM
    std::string alipay_certificate;  // PEM, with those behind it
    std::string root_certificates;   // PEM, several
    std::string gateway_url = "https://openapi.alipay.com/gateway.do";
    // Where buyers' browsers find the gateway, when that is not where this machine does; empty: the
    // same.
    std::string page_url;
    std::string notify_url;
    std::string return_url;  // where the buyer's browser comes back to; may be empty
    // Bills are downloaded from the gateway's own host and from hosts that end in one of these.
    std::vector<std::string> bill_hosts = {".alipay.com", ".alipaydev.com", ".alipayobjects.com"};
    // Plain http to and from other machines, for a gateway simulator in a closed network. Plain
    // http on this machine itself is always allowed.
    bool plain_http_allowed = false;
};

// What a checked configuration is turned into.
struct Credentials {
    Signer signer;
    TrustedKeys keys;
    std::string first_key;  // in `keys`: the SN of the configured certificate, or empty
    std::string own_public_der;
    // Of certificate mode; empty otherwise.
    std::string app_sn;
    std::string root_sn;
    std::string organisation;  // of Alipay's certificate
};
// Throws BadConfig. Also when Alipay's key is the application's own, the classic mistake, with
// which nothing that Alipay signs would verify and everything we sign would.
Credentials check(const Config& config);

}  // namespace doorbuster::alipay
