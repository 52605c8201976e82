#pragma once

#include <string_view>

namespace doorbuster::pay_wire {

// Why an address of a provider, or one given to it, must not be used; empty when nothing is wrong.
// Plain HTTP may lead to this machine, to another one only where that is allowed.
std::string_view fault_of_url(std::string_view url, bool plain_http_allowed);

// Whether something follows the host, were it only a slash.
bool has_path(std::string_view url);

}  // namespace doorbuster::pay_wire
