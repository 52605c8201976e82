#include "adapters/gd/gd_captcha_painter.hpp"

#include <gd.h>
#include <gdfontg.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <new>

namespace doorbuster::gd {
namespace {

struct ImageDeleter {
    void operator()(gdImage* image) const { gdImageDestroy(image); }
};
using Image = std::unique_ptr<gdImage, ImageDeleter>;

struct BytesDeleter {
    void operator()(void* bytes) const { gdFree(bytes); }
};

// What varies from picture to picture (splitmix64). Nothing secret rests on it.
class Variation {
public:
    explicit Variation(std::uint64_t seed) : state_{seed} {}

    double between(double low, double high) {
        state_ += 0x9e3779b97f4a7c15u;
        std::uint64_t bits = state_;
        bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
        bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
        bits ^= bits >> 31;
        return low + (high - low) * static_cast<double>(bits >> 11) * 0x1.0p-53;
    }
    int pixel(int end) { return static_cast<int>(between(0, end)); }

private:
    std::uint64_t state_;
};

// The line that the text stands on.
struct Wave {
    double height, length, start;
    double at(double x) const { return height * std::sin(start + x / length); }
};

// From a glyph's own pixels, around its centre, to the picture's.
struct Placing {
    double x, y;              // of the centre
    double right_x, right_y;  // what one pixel to the right is
    double down_x, down_y;    // what one pixel down is
};

Placing placing(Variation& vary, double x) {
    const double turn = vary.between(-0.35, 0.35);
    const double slant = vary.between(-0.25, 0.25);
    const double wide = vary.between(2.1, 2.9);
    const double high = vary.between(2.2, 2.9);
    const double cosine = std::cos(turn);
    const double sine = std::sin(turn);
    return {
        x + vary.between(-3, 3),
        GdCaptchaPainter::kHeight / 2.0 + vary.between(-5, 5),
        wide * cosine,
        wide * sine,
        high * (slant * cosine - sine),
        high * (slant * sine + cosine)};
}

void draw_glyph(gdImage& image, char letter, const Placing& place, const Wave& wave, int colour) {
    const gdFont& font = *gdFontGetGiant();
    const int index = static_cast<unsigned char>(letter) - font.offset;
    if (index < 0 || index >= font.nchars) return;
    const char* pixel = font.data + index * font.w * font.h;
    for (int row = 0; row < font.h; ++row) {
        for (int column = 0; column < font.w; ++column) {
            if (*pixel++ == 0) continue;
            const double dx = column - (font.w - 1) / 2.0;
            const double dy = row - (font.h - 1) / 2.0;
            const double x = place.x + dx * place.right_x + dy * place.down_x;
            const double y = place.y + dx * place.right_y + dy * place.down_y + wave.at(x);
            const int left = static_cast<int>(std::lround(x));
            const int top = static_cast<int>(std::lround(y));
            gdImageFilledRectangle(&image, left - 1, top - 1, left + 1, top + 1, colour);
        }
    }
}

void draw_stroke(gdImage& image, Variation& vary, int colour) {
    const Wave wave{vary.between(4, 12), vary.between(12, 30), vary.between(0, 6.28)};
    const double from = vary.between(10, image.sy - 10);
    const double slope = (vary.between(10, image.sy - 10) - from) / image.sx;
    for (int x = 0; x < image.sx; ++x) {
        const int y = static_cast<int>(std::lround(from + slope * x + wave.at(x)));
        gdImageFilledRectangle(&image, x, y, x, y + 1, colour);
    }
}

void draw_dots(gdImage& image, Variation& vary, int count, int colour) {
    for (int i = 0; i < count; ++i) {
        const int x = vary.pixel(image.sx);
        const int y = vary.pixel(image.sy);
        gdImageFilledRectangle(&image, x, y, x + 1, y, colour);
    }
}

std::string encoded(gdImage& image) {
    constexpr int kFast = 1;  // zlib's level; the picture is small in any case
    int size = 0;
    const std::unique_ptr<void, BytesDeleter> bytes{gdImagePngPtrEx(&image, &size, kFast)};
    if (!bytes) throw std::bad_alloc{};
    return {static_cast<const char*>(bytes.get()), static_cast<std::size_t>(size)};
}

}  // namespace

std::string GdCaptchaPainter::png(std::string_view text, std::uint64_t seed) const {
    const Image image{gdImageCreate(kWidth, kHeight)};
    if (!image) throw std::bad_alloc{};
    gdImageColorAllocate(image.get(), 250, 250, 246);  // the first one is the background
    const int ink = gdImageColorAllocate(image.get(), 40, 44, 72);

    Variation vary{seed};
    const Wave wave{vary.between(2, 5), vary.between(14, 28), vary.between(0, 6.28)};
    const double step =
        (kWidth - 24.0) / static_cast<double>(std::max<std::size_t>(text.size(), 1));
    double x = 12 + step / 2;
    for (const char letter : text) {
        draw_glyph(*image, letter, placing(vary, x), wave, ink);
        x += step;
    }
    draw_stroke(*image, vary, ink);
    draw_stroke(*image, vary, ink);
    draw_stroke(*image, vary, 0);  // cuts the letters
    draw_dots(*image, vary, 160, ink);
    draw_dots(*image, vary, 160, 0);
    return encoded(*image);
}

}  // namespace doorbuster::gd
