#pragma once

#include "http/route.hpp"
#include "sandbox/wechat_pay/gateway.hpp"

namespace doorbuster::sandbox {

// Where WeChat Pay's own paths (/v3/…) begin; the rest of the wechat_pay adapter's base_url.
inline constexpr std::string_view kWechatPayPrefix = "/sandbox/wechat_pay";

}  // namespace doorbuster::sandbox

namespace doorbuster::sandbox::wechat_pay {

// The wire protocol for the merchant, /v3/… under `prefix`.
http::Routes protocol_routes(Gateway& gateway, std::string_view prefix = kWechatPayPrefix);

}  // namespace doorbuster::sandbox::wechat_pay
