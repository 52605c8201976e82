#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace doorbuster::alipay {

// Whether a bill may be downloaded from `url`: from the scheme, host and port of the gateway
// itself; or with https, at its own port, from a host that ends in one of `hosts` (each begins with
// a dot). What is not plainly such an address is not: user names, spaces, other schemes.
bool is_allowed_bill_url(
    std::string_view url, std::string_view gateway, const std::vector<std::string>& hosts
);

}  // namespace doorbuster::alipay
