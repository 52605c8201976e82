#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "sandbox/ledger.hpp"

// The simulator's pages for a person, in Chinese and English. Everything that came from outside is
// escaped; nothing is loaded from elsewhere; forms work without scripts.
namespace doorbuster::sandbox {

std::string list_page(const std::vector<Trade>& payable, Time now);
std::string confirm_page(const Trade& trade);
std::string paid_page(const Trade& paid);
std::string refused_page(const Error& error);

// What the pages may do: their own style, forms to this server, nothing else.
inline constexpr std::string_view kPagePolicy =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'";

}  // namespace doorbuster::sandbox
