#pragma once

#include <string>
#include <string_view>

#include "runtime/config.hpp"

namespace doorbuster::app {

// How each payment provider is reached, `auto` resolved: `sandbox`, `live` or `off`.
struct PaymentModes {
    std::string wechat_pay;
    std::string alipay;

    // Something is paid, and nothing of it is money.
    bool is_play_money() const;
};

// `auto` is the simulator while nobody has decided about payments: as soon as another provider is
// `live` or `off`, it is `off`, so that nobody has to know of a provider that he does not use.
PaymentModes payment_modes(const runtime::Config& config);
// The same. Throws runtime::ConfigError when one is live and another the simulator, with which
// anybody pays any order without money.
PaymentModes checked_payment_modes(const runtime::Config& config);

}  // namespace doorbuster::app
