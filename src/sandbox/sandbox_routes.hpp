#pragma once

#include "http/route.hpp"
#include "sandbox/alipay/routes.hpp"
#include "sandbox/sandbox.hpp"
#include "sandbox/wechat_pay/routes.hpp"

namespace doorbuster::sandbox {

// The wire protocols for the merchant, and what stands for a buyer's phone and browser:
//   POST /sandbox/scan {code_url, coupon?, buyer?} · GET /sandbox · GET, POST /sandbox/pay
//   POST /sandbox/alipay/scan {page, coupon?, buyer?, pay?} · /sandbox/alipay/cashier
// For anyone, so they may only be in a router where play money is meant.
http::Routes sandbox_routes(Sandbox& sandbox);

// For a server that is nothing but the simulator, beside the others: the protocols at the paths
// that they have at the providers (/v3/…, /gateway.do), for software that can be told another host
// and no more; and GET /, which leads to the pages.
http::Routes root_routes(Sandbox& sandbox);

}  // namespace doorbuster::sandbox
