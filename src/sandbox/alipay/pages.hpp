#pragma once

#include <string>

#include "core/error.hpp"
#include "sandbox/alipay/gate.hpp"
#include "sandbox/alipay/trades.hpp"

// Alipay's cashier, for a person, in Chinese and English. Everything that came from outside is
// escaped; forms work without scripts.
namespace doorbuster::sandbox::alipay {

// Before a buyer has logged in: the trade does not exist yet.
std::string log_in_page(const Page& page);
// After: what is to be confirmed.
std::string confirm_page(const Page& page, const Trade& trade);
// `way_back`: where the browser goes next; empty: nowhere.
std::string paid_page(const Trade& trade, const std::string& way_back);
std::string refused_page(const Error& error);
std::string refused_page(const Reply& reply);

// One line of what could be paid, for the simulator's list.
std::string open_page_card(const Page& page);

}  // namespace doorbuster::sandbox::alipay
