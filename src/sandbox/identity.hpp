#pragma once

#include <filesystem>
#include <string>

#include "core/random.hpp"
#include "core/secret.hpp"
#include "sandbox/crypto.hpp"

namespace doorbuster::sandbox {

// What the merchant would have got from WeChat Pay: the settings of the wechat_pay adapter.
struct MerchantSide {
    std::string mchid;
    std::string appid;
    std::string merchant_serial;
    Secret private_key_pem;
    Secret apiv3_key;
    std::string public_key_id;
    std::string public_key_pem;
};

// Both ends of the simulated contract.
struct Identity {
    MerchantSide merchant;
    RsaKey merchant_key;  // the simulator uses its public half only, except in tests
    RsaKey platform_key;  // signs what WeChat Pay says
};

// Makes new keys and numbers. Takes a few hundred milliseconds for the RSA keys.
Identity make_identity(Random& random);

// The identity stored in `folder`, or a new one stored there at the first start. Files have mode
// 0600 and appear whole or not at all. Throws std::runtime_error with one line that names the file
// when one is unreadable, broken or cannot be written.
Identity load_or_make_identity(const std::filesystem::path& folder, Random& random);

}  // namespace doorbuster::sandbox
