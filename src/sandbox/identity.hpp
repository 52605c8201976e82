#pragma once

#include <filesystem>

#include "sandbox/alipay/identity.hpp"
#include "sandbox/wechat_pay/identity.hpp"

namespace doorbuster::sandbox {

// Both ends of both simulated contracts.
struct Identity {
    wechat_pay::Identity wechat_pay;
    alipay::Identity alipay;
};

// Makes new keys and numbers. Takes a few hundred milliseconds for each of the seven RSA keys.
Identity make_identity(Random& random, Time now);

// The identities stored in `folder`, one folder for each provider, or new ones stored there at the
// first start. Files have mode 0600 and appear whole or not at all. Throws std::runtime_error with
// one line that names the file when one is unreadable, broken or cannot be written.
Identity load_or_make_identity(const std::filesystem::path& folder, Random& random, Time now);

}  // namespace doorbuster::sandbox
