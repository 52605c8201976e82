#pragma once

#include "http/route.hpp"
#include "sandbox/sandbox.hpp"

namespace doorbuster::sandbox {

// Where WeChat Pay's own paths (/v3/…) begin; the rest of the wechat_pay adapter's base_url.
inline constexpr std::string_view kWechatPayPrefix = "/sandbox/wechat_pay";

// The wire protocol for the merchant, and what stands for a buyer's phone:
//   POST /sandbox/scan {code_url, coupon?} · GET /sandbox · GET, POST /sandbox/pay
// For anyone, so they may only be in a router where play money is meant.
http::Routes sandbox_routes(Sandbox& sandbox);

}  // namespace doorbuster::sandbox
