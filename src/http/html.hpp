#pragma once

#include <string>
#include <string_view>

namespace doorbuster::http {

// Text made safe to stand in HTML, between tags or in a quoted attribute.
std::string escape_html(std::string_view text);

}  // namespace doorbuster::http
