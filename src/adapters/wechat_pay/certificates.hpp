#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/wechat_pay/verifier.hpp"

namespace doorbuster::wechat_pay {

// The platform certificates in an answer of GET /v3/certificates, or nothing. They are believed
// when they open with the APIv3 key, each is the one it is said to be, and the answer is signed by
// one of them or by a key that is `trusted` already, as while a merchant changes over to the public
// key. Needs no such key, so it serves the first start too.
std::optional<TrustedKeys> accept_certificates(
    std::string_view apiv3_key,
    const Verifier::Headers& headers,
    std::string_view body,
    Time now,
    const TrustedKeys& trusted = {}
);

}  // namespace doorbuster::wechat_pay
