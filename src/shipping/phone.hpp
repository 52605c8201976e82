#pragma once

#include <string_view>

namespace doorbuster::shipping {

// A mainland mobile (13800138000) or landline number (010-12345678), or an international one (+44
// 20 7946 0958): 5 to 20 digits, spaces and hyphens, at least 5 of them digits, with a plus only in
// front.
bool is_phone(std::string_view text);

// Six digits.
bool is_postcode(std::string_view text);

}  // namespace doorbuster::shipping
