#pragma once

#include <string_view>

namespace doorbuster::app {

// Where providers tell what happened, below `public_url`.
inline constexpr std::string_view kWechatPayNotifyPath =
    "/api/v1/payments/notifications/wechat_pay";
inline constexpr std::string_view kWechatPayRefundNotifyPath =
    "/api/v1/payments/notifications/wechat_pay/refunds";
// Alipay tells of refunds as of payments.
inline constexpr std::string_view kAlipayNotifyPath = "/api/v1/payments/notifications/alipay";
// Where a buyer's browser comes back to.
inline constexpr std::string_view kAlipayReturnPath = "/api/v1/payments/return/alipay";

}  // namespace doorbuster::app
