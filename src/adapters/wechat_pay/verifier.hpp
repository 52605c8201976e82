#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/pay_wire/rsa.hpp"
#include "core/clock.hpp"

namespace doorbuster::wechat_pay {

using pay_wire::PublicKey;

// A public key of WeChat Pay. A platform certificate ends some day, a public key does not.
struct TrustedKey {
    PublicKey key;
    Time expires_at = Time::max();
};
// By the serial that names them: PUB_KEY_ID_… or a certificate's.
using TrustedKeys = std::map<std::string, TrustedKey, std::less<>>;

enum class Verdict {
    ok,
    missing_header,
    repeated_header,
    bad_timestamp,
    expired,  // 300 seconds or more away from our clock, in either direction
    bad_signature_type,
    unknown_serial,  // or one whose certificate has expired
    probe,           // WeChat tests whether we verify at all
    bad_signature,
};
std::string_view to_string(Verdict verdict);

// Verifies what WeChat Pay signs: answers and notifications. The message's own words only select
// among keys that are trusted already. Thread-safe.
class Verifier {
public:
    using Headers = std::vector<std::pair<std::string, std::string>>;

    explicit Verifier(TrustedKeys keys);

    // `body` is the bytes received, before any decoding. Never throws for what is in them.
    Verdict verify(const Headers& headers, std::string_view body, Time now) const;

    // Replaces the trusted keys for all later calls.
    void trust(TrustedKeys keys);

    std::shared_ptr<const TrustedKeys> keys() const;

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const TrustedKeys> keys_;
};

}  // namespace doorbuster::wechat_pay
