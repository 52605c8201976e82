#pragma once

#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "core/secret.hpp"
#include "webhooks/webhook.hpp"

namespace doorbuster::webhooks {

// "whsec_" and 40 letters and digits: 238 bits.
Secret new_secret(Random& random);

// The value of the header `Doorbuster-Signature`: "t=<unix seconds>,v1=<hex>", where <hex> is
// HMAC-SHA256, keyed with the webhook's secret, over the seconds, a full stop and the exact bytes
// of the body. A receiver recomputes it, compares in constant time, and refuses times more than
// five minutes away, so that a recorded delivery cannot be sent again.
std::string signature(const Secret& secret, Time now, std::string_view body);

// The same for a receiver: while an older secret of it is good, a second `v1=<hex>` made with that
// follows the first. One that verifies is enough.
std::string signature(const Webhook& webhook, Time now, std::string_view body);

}  // namespace doorbuster::webhooks
