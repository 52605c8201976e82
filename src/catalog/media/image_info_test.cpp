#include "catalog/media/image_info.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include "catalog/model/errors.hpp"
#include "support/pictures.hpp"

namespace doorbuster::catalog {
namespace {

using namespace std::literals;
using test::jpeg;
using test::png;
using test::webp_extended;
using test::webp_lossless;
using test::webp_lossy;

TEST(ImageInfo, knows_pictures_by_their_bytes) {
    struct Good {
        std::string bytes;
        std::string_view type;
        std::uint32_t width;
        std::uint32_t height;
    };
    const std::vector<Good> table{
        {png(3, 2), "image/png", 3, 2},
        {png(10'000, 10'000), "image/png", 10'000, 10'000},
        {jpeg(640, 480), "image/jpeg", 640, 480},
        {jpeg(640, 480) + "trailing bytes of a camera", "image/jpeg", 640, 480},
        {webp_lossy(320, 200), "image/webp", 320, 200},
        {webp_lossless(33, 77), "image/webp", 33, 77},
        {webp_extended(1000, 2000), "image/webp", 1000, 2000},
    };
    for (const auto& [bytes, type, width, height] : table) {
        const auto info = sniff_image(bytes);
        ASSERT_TRUE(info.has_value()) << type << ' ' << width;
        EXPECT_EQ(info->content_type, type);
        EXPECT_EQ(info->width, width);
        EXPECT_EQ(info->height, height);
    }
}

TEST(ImageInfo, takes_nothing_else) {
    for (const std::string& bytes :
         {""s,
          "x"s,
          "GIF89a\x01\x00\x01\x00"s,
          "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"s,
          "<?xml version=\"1.0\"?><svg/>"s,
          "<html><script>alert(1)</script>"s,
          "BM\x00\x00"s,
          "%PDF-1.7"s,
          "RIFF\x04\x00\x00\x00WAVE"s,
          "\x7f"
          "ELF"s,
          "\xff\xd8"s}) {
        EXPECT_TRUE(sniff_image(bytes).error().is(kUnsupportedMedia)) << bytes;
    }
}

TEST(ImageInfo, finds_out_what_was_cut_off_anywhere) {
    for (const std::string& whole :
         {png(3, 2),
          jpeg(64, 48),
          webp_lossy(32, 20),
          webp_lossless(3, 7),
          webp_extended(10, 20)}) {
        for (std::size_t length = 0; length < whole.size(); ++length) {
            EXPECT_TRUE(sniff_image(whole.substr(0, length)).has_error())
                << whole.substr(0, 4) << " at " << length;
        }
    }
}

TEST(ImageInfo, refuses_sides_that_are_zero_or_huge) {
    for (const std::string& bytes :
         {png(0, 5),
          png(5, 0),
          png(10'001, 1),
          png(1, 0xFFFFFFFF),
          jpeg(0, 5),
          jpeg(5, 0),
          jpeg(65'535, 65'535),
          webp_lossy(0, 3),
          webp_lossy(16'383, 16'383),
          webp_extended(16'777'216, 1)}) {
        EXPECT_TRUE(sniff_image(bytes).error().is(kBrokenMedia));
    }
}

TEST(ImageInfo, refuses_parts_that_do_not_add_up) {
    std::string wrong_crc = png(3, 2);
    wrong_crc[20] = static_cast<char>(wrong_crc[20] ^ 1);
    EXPECT_TRUE(sniff_image(wrong_crc).error().is(kBrokenMedia));

    // A chunk that claims to be longer than the file.
    std::string long_chunk = png(3, 2);
    long_chunk.replace(8, 4, "\xff\xff\xff\xff"s);
    EXPECT_TRUE(sniff_image(long_chunk).error().is(kBrokenMedia));

    // A segment of length zero would be read for ever.
    EXPECT_TRUE(sniff_image("\xff\xd8\xff\xe0\x00\x00"s).error().is(kBrokenMedia));
    EXPECT_TRUE(sniff_image("\xff\xd8\xff\xff\xff\xff\xff"s).error().is(kBrokenMedia));

    // Extended WebP without a picture in it.
    EXPECT_TRUE(sniff_image(test::riff(test::chunk("VP8X", std::string(10, '\x01'))))
                    .error()
                    .is(kBrokenMedia));
    // A picture of another page hidden behind a picture's beginning.
    EXPECT_TRUE(sniff_image("\x89PNG\r\n\x1a\n<script>alert(1)</script>"s).error().is(kBrokenMedia)
    );
}

}  // namespace
}  // namespace doorbuster::catalog
