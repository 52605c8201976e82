#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/wechat_pay/verifier.hpp"

namespace doorbuster::wechat_pay {

struct PlatformCertificate {
    std::string serial;
    PublicKey key;
    Time expires_at;
};

// The platform certificates in an answer of GET /v3/certificates, or nothing. They are believed
// when they open with the APIv3 key, each is the one it is said to be, and the answer is signed by
// one of them. Needs no key beforehand, so it serves the first start too.
std::optional<std::vector<PlatformCertificate>> accept_certificates(
    std::string_view apiv3_key, const Verifier::Headers& headers, std::string_view body, Time now
);

}  // namespace doorbuster::wechat_pay
