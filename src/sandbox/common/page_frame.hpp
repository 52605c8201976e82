#pragma once

#include <string>
#include <string_view>

namespace doorbuster::sandbox {

// A whole page around `content`, which is HTML. Loads nothing and runs no scripts. With `next` the
// browser goes there (an escaped address) after a few seconds.
std::string framed_page(const std::string& content, std::string_view next = {});

}  // namespace doorbuster::sandbox
