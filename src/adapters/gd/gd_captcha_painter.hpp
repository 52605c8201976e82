#pragma once

#include "ports/captcha_painter.hpp"

namespace doorbuster::gd {

// Draws with libgd's built-in font, which costs some hundredths of a millisecond where a scalable
// font would cost many times that. Each glyph is turned, slanted and scaled by itself and stands on
// a wavy line; strokes of the same colour cross the text, dots cover it.
class GdCaptchaPainter final : public CaptchaPainter {
public:
    static constexpr int kWidth = 180;
    static constexpr int kHeight = 64;

    std::string png(std::string_view text, std::uint64_t seed) const override;
};

}  // namespace doorbuster::gd
