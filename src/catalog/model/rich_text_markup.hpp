#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace doorbuster::catalog::rich_text {

// Neither this many open elements nor this many in all are exceeded; further tags are dropped and
// their text stays.
inline constexpr std::size_t kDepthMax = 100;
inline constexpr std::size_t kElementsMax = 20'000;

// Prepares hostile HTML for the parser: reads its tags as a browser would and writes only those of
// elements that are kept, with only attributes that may be kept (values not judged yet), balanced,
// nested at most kDepthMax deep. The HTML5 parser that builds the tree is quadratic in the depth of
// open elements and copies open formatting elements into every new block; with this before it, its
// time, memory and recursion are bounded. Safety does not rest on this step: the tree is filtered
// again.
std::string bounded_markup(std::string_view html);

}  // namespace doorbuster::catalog::rich_text
