#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <string_view>

// Containers of pictures with a few bytes where the pixels would be.
namespace doorbuster::test {

inline std::string big_endian(std::uint32_t number, int bytes) {
    std::string text;
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
        text += static_cast<char>((number >> shift) & 0xFF);
    }
    return text;
}
inline std::string little_endian(std::uint32_t number, int bytes) {
    const std::string text = big_endian(number, bytes);
    return {text.rbegin(), text.rend()};
}

inline std::string png_chunk(std::string_view type, std::string_view data) {
    const std::string body = std::string{type} + std::string{data};
    const auto crc =
        crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
    return big_endian(static_cast<std::uint32_t>(data.size()), 4) + body +
           big_endian(static_cast<std::uint32_t>(crc), 4);
}
// `pixels` makes pictures of one size differ.
inline std::string png(
    std::uint32_t width, std::uint32_t height, std::string_view pixels = "pixels"
) {
    using namespace std::literals;
    const std::string header = big_endian(width, 4) + big_endian(height, 4) + "\x08\x02\0\0\0"s;
    return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", header) + png_chunk("IDAT", pixels) +
           png_chunk("IEND", "");
}

inline std::string jpeg(std::uint32_t width, std::uint32_t height) {
    using namespace std::literals;
    const std::string frame =
        "\x08" + big_endian(height, 2) + big_endian(width, 2) + "\x01\x01\x11\x00"s;
    return "\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"s + "\xff\xc0" +
           big_endian(static_cast<std::uint32_t>(frame.size() + 2), 2) + frame +
           "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00scan\xff\x00scan\xff\xd9"s;
}

inline std::string chunk(std::string_view type, const std::string& data) {
    std::string text{type};
    text += little_endian(static_cast<std::uint32_t>(data.size()), 4) + data;
    if (data.size() % 2 == 1) text += '\0';
    return text;
}
inline std::string riff(const std::string& chunks) {
    return "RIFF" + little_endian(static_cast<std::uint32_t>(chunks.size() + 4), 4) + "WEBP" +
           chunks;
}
inline std::string webp_lossy(std::uint32_t width, std::uint32_t height) {
    using namespace std::literals;
    return riff(chunk(
        "VP8 ",
        "\x30\x01\x00\x9d\x01\x2a"s + little_endian(width, 2) + little_endian(height, 2) + "data"
    ));
}
inline std::string webp_lossless(std::uint32_t width, std::uint32_t height) {
    return riff(chunk("VP8L", "\x2f" + little_endian((width - 1) | ((height - 1) << 14), 4) + "odd")
    );
}
inline std::string webp_extended(std::uint32_t width, std::uint32_t height) {
    using namespace std::literals;
    return riff(
        chunk("VP8X", "\x10\0\0\0"s + little_endian(width - 1, 3) + little_endian(height - 1, 3)) +
        chunk("VP8L", "picture")
    );
}

}  // namespace doorbuster::test
