#pragma once

#include "http/route.hpp"
#include "sandbox/alipay/gateway.hpp"

namespace doorbuster::sandbox {

// The gateway's URL behind the origin: the rest of the alipay adapter's gateway setting.
inline constexpr std::string_view kAlipayGatewayPath = "/sandbox/alipay/gateway.do";

}  // namespace doorbuster::sandbox

namespace doorbuster::sandbox::alipay {

inline constexpr std::string_view kBillPath = "/sandbox/alipay/bill";

// The gateway, the cashier for a person, and POST /sandbox/alipay/scan for a program.
http::Routes routes(Gateway& gateway);
// The gateway alone, at another path.
http::Routes gateway_routes(Gateway& gateway, std::string_view path);

}  // namespace doorbuster::sandbox::alipay
