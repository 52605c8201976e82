#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "core/secret.hpp"
#include "sandbox/common/certified_keys.hpp"
#include "sandbox/common/crypto.hpp"

namespace doorbuster::sandbox {

// What the merchant would have got from Alipay, for either key mode: the settings of the alipay
// adapter. A call that names app_cert_sn is in certificate mode, any other in public-key mode.
struct AlipayMerchantSide {
    std::string app_id;
    std::string seller_id;
    std::string seller_email;
    Secret private_key_pem;  // of the application, PKCS#8
    // Public-key mode.
    std::string alipay_public_key_pem;
    // Certificate mode: appCertPublicKey_….crt, alipayCertPublicKey_RSA2.crt, alipayRootCert.crt.
    std::string app_certificate_pem;
    std::string alipay_certificate_pem;
    std::string root_certificates_pem;
};

}  // namespace doorbuster::sandbox

namespace doorbuster::sandbox::alipay {

// Both ends of the simulated contract with Alipay.
struct Identity {
    AlipayMerchantSide merchant;
    RsaKey app_key;     // the simulator verifies with its public half, and signs forgeries
    RsaKey alipay_key;  // of the public-key mode: signs what Alipay says
    std::string app_cert_sn;
    std::string root_cert_sn;
    std::shared_ptr<CertifiedKeys> signing_keys;  // of the certificate mode
};

// New keys and numbers, or those stored in `folder`, made there at the first start; see
// load_or_make_identity of both providers.
Identity make_identity(Random& random, Time now);
Identity load_or_make_identity(const std::filesystem::path& folder, Random& random, Time now);

}  // namespace doorbuster::sandbox::alipay
