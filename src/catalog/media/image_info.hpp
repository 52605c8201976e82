#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/result.hpp"

namespace doorbuster::catalog {

inline constexpr std::uint32_t kImageSideMax = 10'000;  // pixels

struct ImageInfo {
    std::string_view content_type;  // "image/jpeg", "image/png", "image/webp"
    std::uint32_t width = 0;
    std::uint32_t height = 0;
};

// What a file really is, from its own bytes, whatever its name says. Walks the container from its
// first to its last part without decoding pixels, so a file that was cut off is found out.
// Errors: kUnsupportedMedia for anything but JPEG, PNG and WebP; kBrokenMedia for one of these
// whose parts do not add up or whose sides are not 1 to kImageSideMax.
Result<ImageInfo> sniff_image(std::string_view bytes);

}  // namespace doorbuster::catalog
