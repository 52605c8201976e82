#pragma once

#include "adapters/alipay/config.hpp"
#include "runtime/config.hpp"

namespace doorbuster::app {

// What the settings say of Alipay, with the files that they name. Throws alipay::BadConfig with one
// line that names the setting and says why; what only Alipay checks, it checks itself.
alipay::Config alipay_settings(const runtime::Config& settings);

// Where buyers' browsers come back to: what is set, else the page of the shop at this address.
std::string alipay_return_url(const runtime::Config& settings, const std::string& public_url);

}  // namespace doorbuster::app
