#pragma once

#include <map>
#include <string>
#include <vector>

#include "sandbox/wechat_pay/identity.hpp"
#include "sandbox/wechat_pay/trades.hpp"

// Bills as WeChat Pay writes them: UTF-8 with a byte order mark, CRLF, back-quotes before values
// (WeChat Pay, "download trade bill" and "download fund bill").
namespace doorbuster::sandbox::wechat_pay {

enum class TradeBillType { all, success, refund };

// A refund with the trade it belongs to.
struct BilledRefund {
    Refund refund;
    Trade trade;
};

std::string trade_bill(
    TradeBillType type,
    const MerchantSide& merchant,
    const std::vector<Trade>& payments,
    const std::vector<BilledRefund>& refunds
);

// `balance` is what was on the account before the first entry.
std::string fund_bill(
    const MerchantSide& merchant, const std::vector<Entry>& entries, Money balance
);

}  // namespace doorbuster::sandbox::wechat_pay
