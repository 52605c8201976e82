#include "adapters/gd/gd_captcha_painter.hpp"

#include <gd.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace doorbuster::gd {
namespace {

using Image = std::unique_ptr<gdImage, decltype(&gdImageDestroy)>;

Image decoded(std::string png) {
    return {gdImageCreateFromPngPtr(static_cast<int>(png.size()), png.data()), gdImageDestroy};
}

// Pixels of ink.
int ink_of(gdImage& image) {
    const int background = 0;
    int count = 0;
    for (int y = 0; y < gdImageSY(&image); ++y) {
        for (int x = 0; x < gdImageSX(&image); ++x) {
            count += gdImageGetPixel(&image, x, y) != background ? 1 : 0;
        }
    }
    return count;
}

TEST(GdCaptchaPainter, paints_a_png_of_its_size) {
    const std::string png = GdCaptchaPainter{}.png("K7MXA", 1);
    ASSERT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
    EXPECT_LT(png.size(), 4096u);
    const Image image = decoded(png);
    ASSERT_TRUE(image);
    EXPECT_EQ(gdImageSX(image.get()), GdCaptchaPainter::kWidth);
    EXPECT_EQ(gdImageSY(image.get()), GdCaptchaPainter::kHeight);
}

TEST(GdCaptchaPainter, the_text_is_in_the_picture) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const Image empty = decoded(GdCaptchaPainter{}.png("", seed));
        const Image five = decoded(GdCaptchaPainter{}.png("K7MXA", seed));
        // Some fifty pixels a glyph, each drawn as a square of nine.
        EXPECT_GT(ink_of(*five), ink_of(*empty) + 400) << seed;
    }
}

TEST(GdCaptchaPainter, no_two_pictures_of_a_text_are_alike) {
    std::set<std::string> pictures;
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        pictures.insert(GdCaptchaPainter{}.png("K7MXA", seed));
    }
    EXPECT_EQ(pictures.size(), 500u);
    EXPECT_EQ(GdCaptchaPainter{}.png("K7MXA", 3), GdCaptchaPainter{}.png("K7MXA", 3));
}

TEST(GdCaptchaPainter, draws_nothing_outside_the_picture) {
    // Under AddressSanitizer, too: bytes that the font does not know, and a text that is too long.
    const std::string odd{"\x00\xff~K", 4};
    EXPECT_FALSE(GdCaptchaPainter{}.png(odd, 5).empty());
    EXPECT_FALSE(GdCaptchaPainter{}.png(std::string(200, 'W'), 5).empty());
}

}  // namespace
}  // namespace doorbuster::gd
