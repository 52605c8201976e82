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

// What the merchant would have got from WeChat Pay: the settings of the wechat_pay adapter.
struct MerchantSide {
    std::string mchid;
    std::string appid;
    std::string merchant_serial;
    std::string merchant_certificate_pem;
    Secret private_key_pem;
    Secret apiv3_key;
    std::string public_key_id;
    std::string public_key_pem;
};

}  // namespace doorbuster::sandbox

namespace doorbuster::sandbox::wechat_pay {

// Both ends of the simulated contract with WeChat Pay.
struct Identity {
    MerchantSide merchant;
    RsaKey merchant_key;  // the simulator verifies with its public half, and signs forgeries
    RsaKey platform_key;  // of the public-key mode: signs what WeChat Pay says
    std::shared_ptr<CertifiedKeys> platform_keys;  // of the certificate mode
};

// New keys and numbers, or those stored in `folder`, made there at the first start; see
// load_or_make_identity of both providers.
Identity make_identity(Random& random, Time now);
Identity load_or_make_identity(const std::filesystem::path& folder, Random& random, Time now);

}  // namespace doorbuster::sandbox::wechat_pay
