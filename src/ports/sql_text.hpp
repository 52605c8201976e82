#pragma once

#include <string_view>

#include "ports/sql.hpp"

namespace doorbuster::sql {

// True for UTF-8 (shortest forms, no surrogates, up to U+10FFFF) without NUL: what PostgreSQL takes
// as text, and therefore what every adapter takes.
bool is_storable_text(std::string_view text);

// Throws Error for a parameter that one of the engines would refuse or change: text as above, NaN.
void require_storable(const Param& param);

}  // namespace doorbuster::sql
