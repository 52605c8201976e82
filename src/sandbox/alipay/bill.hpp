#pragma once

#include <string>
#include <vector>

#include "sandbox/alipay/identity.hpp"
#include "sandbox/alipay/trades.hpp"
#include "sandbox/common/archive.hpp"

// Bills as Alipay writes them: two CSV files in GBK (GB18030 where GBK has no character), CRLF,
// with comment lines around the rows (Alipay open platform, "download bill").
namespace doorbuster::sandbox::alipay {

struct BilledRefund {
    Refund refund;
    Trade trade;
};

struct BillFrame {
    std::string seller_id;
    std::string day;  // yyyy-MM-dd
    Time made_at;
    bool wrong_totals = false;  // a fault: the totals disagree with the rows
};

std::vector<ZipEntry> trade_bill(
    const BillFrame& frame,
    const std::vector<Trade>& payments,
    const std::vector<BilledRefund>& refunds
);
// `balance` is what was on the account before the first entry.
std::vector<ZipEntry> fund_bill(
    const BillFrame& frame, const std::vector<Entry>& entries, Money balance
);

}  // namespace doorbuster::sandbox::alipay
