#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "sandbox/alipay/trades.hpp"
#include "sandbox/wechat_pay/trades.hpp"

// The simulator's pages for a person, in Chinese and English. Everything that came from outside is
// escaped; nothing is loaded from elsewhere; forms work without scripts.
namespace doorbuster::sandbox {

std::string list_page(
    const std::vector<wechat_pay::Trade>& payable, const std::vector<alipay::Page>& pages, Time now
);
std::string confirm_page(const wechat_pay::Trade& trade);
std::string paid_page(const wechat_pay::Trade& paid);
std::string refused_page(const Error& error);

}  // namespace doorbuster::sandbox
