#pragma once

#include "adapters/wechat_pay/config.hpp"
#include "runtime/config.hpp"

namespace doorbuster::app {

// What the settings say of WeChat Pay, with the files that they name. Throws wechat_pay::BadConfig
// with one line that names the setting and says why; what only WechatPay checks, it checks itself.
wechat_pay::Config wechat_settings(const runtime::Config& settings);

}  // namespace doorbuster::app
