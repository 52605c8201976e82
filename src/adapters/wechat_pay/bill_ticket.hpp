#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/wechat_pay/config.hpp"

namespace doorbuster::wechat_pay {

// Where a bill can be fetched for some minutes, and what its uncompressed bytes hash to.
struct BillTicket {
    std::string sha1;  // hex, in lower case
    std::string url;
};
std::optional<BillTicket> parse_bill_ticket(std::string_view body);

// Whether a bill may be fetched from there: a host of the settings as it stands there, or by https
// on the default port one that ends in .weixin.qq.com or .wechatpay.cn. A signed answer names the
// address, but our requests are signed too and shall not be led into somebody's inner network.
bool may_download_from(std::string_view url, const Config& config);
// Whether that is so because the settings say it: such a host may be on a private network.
bool is_configured_host(std::string_view url, const Config& config);

}  // namespace doorbuster::wechat_pay
