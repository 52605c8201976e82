#include "catalog/media/image_info.hpp"

#include <zlib.h>

#include <optional>

#include "catalog/model/errors.hpp"

namespace doorbuster::catalog {
namespace {

using namespace std::literals;

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n"sv;
constexpr std::string_view kJpegStart = "\xff\xd8\xff"sv;

// Reads numbers off the front of bytes; past the end everything is zero and `short_` is set.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : left_{bytes} {}

    std::string_view take(std::size_t count) {
        if (count > left_.size()) {
            short_ = true;
            left_ = {};
            return {};
        }
        const std::string_view taken = left_.substr(0, count);
        left_.remove_prefix(count);
        return taken;
    }
    std::uint32_t big_endian(std::size_t count) {
        std::uint32_t number = 0;
        for (const char c : take(count)) number = (number << 8) | static_cast<unsigned char>(c);
        return number;
    }
    std::uint32_t little_endian(std::size_t count) {
        std::uint32_t number = 0;
        int shift = 0;
        for (const char c : take(count)) {
            number |= std::uint32_t{static_cast<unsigned char>(c)} << shift;
            shift += 8;
        }
        return number;
    }
    std::string_view left() const { return left_; }
    bool is_short() const { return short_; }

private:
    std::string_view left_;
    bool short_ = false;
};

using Found = std::optional<ImageInfo>;  // nothing: damaged

std::uint32_t crc(std::string_view bytes) {
    const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
    return static_cast<std::uint32_t>(crc32(0, data, static_cast<uInt>(bytes.size())));
}

// Chunks of length, type, data and CRC; IHDR is first, IEND last (PNG specification, 5).
Found sniff_png(std::string_view bytes) {
    ByteReader reader{bytes.substr(kPngSignature.size())};
    ImageInfo info{"image/png"};
    bool has_data = false;
    for (bool first = true; !reader.left().empty(); first = false) {
        const std::uint32_t length = reader.big_endian(4);
        const std::string_view from_type = reader.left();
        const std::string_view type = reader.take(4);
        ByteReader data{reader.take(length)};
        const std::uint32_t told = reader.big_endian(4);
        if (reader.is_short() || crc(from_type.substr(0, 4 + length)) != told) return std::nullopt;
        if (first != (type == "IHDR")) return std::nullopt;
        if (first) {
            info.width = data.big_endian(4);
            info.height = data.big_endian(4);
            if (length != 13) return std::nullopt;
        }
        has_data |= type == "IDAT" && length > 0;
        if (type == "IEND") return has_data ? Found{info} : std::nullopt;
    }
    return std::nullopt;
}

bool is_frame_header(std::uint32_t marker) {
    // SOF0 to SOF15 without DHT, JPG and DAC (ITU-T T.81, table B.1).
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}
bool stands_alone(std::uint32_t marker) {
    return marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7);
}

// Segments of marker and length up to the scan; then everything to the last end marker is the
// scan's. Bytes after that, which some cameras append, do no harm.
Found sniff_jpeg(std::string_view bytes) {
    ByteReader reader{bytes.substr(2)};
    ImageInfo info{"image/jpeg"};
    while (!reader.is_short()) {
        if (reader.big_endian(1) != 0xFF) return std::nullopt;
        std::uint32_t marker = reader.big_endian(1);
        while (marker == 0xFF && !reader.is_short()) marker = reader.big_endian(1);  // padding
        if (stands_alone(marker)) continue;
        if (marker == 0xDA) {  // start of scan
            const bool ends = reader.left().find("\xff\xd9"sv) != std::string_view::npos;
            return ends && info.width > 0 ? Found{info} : std::nullopt;
        }
        const std::uint32_t length = reader.big_endian(2);
        if (length < 2) return std::nullopt;
        ByteReader segment{reader.take(length - 2)};
        if (!is_frame_header(marker)) continue;
        segment.take(1);  // bits per sample
        info.height = segment.big_endian(2);
        info.width = segment.big_endian(2);
        if (segment.is_short()) return std::nullopt;
    }
    return std::nullopt;
}

// The first chunk tells the size, each of three kinds in its own way (WebP container
// specification).
bool read_webp_size(std::string_view type, std::string_view chunk, ImageInfo& info) {
    ByteReader data{chunk};
    if (type == "VP8X") {
        data.take(4);  // flags
        info.width = data.little_endian(3) + 1;
        info.height = data.little_endian(3) + 1;
    } else if (type == "VP8L") {
        if (data.big_endian(1) != 0x2F) return false;
        const std::uint32_t bits = data.little_endian(4);
        info.width = (bits & 0x3FFF) + 1;
        info.height = ((bits >> 14) & 0x3FFF) + 1;
    } else if (type == "VP8 ") {
        data.take(3);  // frame tag
        if (data.big_endian(3) != 0x9D012A) return false;
        info.width = data.little_endian(2) & 0x3FFF;
        info.height = data.little_endian(2) & 0x3FFF;
    } else {
        return false;
    }
    return !data.is_short();
}

Found sniff_webp(std::string_view bytes) {
    ByteReader riff{bytes.substr(4)};
    const std::uint32_t size = riff.little_endian(4);
    ByteReader chunks{riff.take(size)};
    if (riff.is_short()) return std::nullopt;
    chunks.take(4);  // "WEBP"
    ImageInfo info{"image/webp"};
    bool has_picture = false;
    for (bool first = true; !chunks.left().empty(); first = false) {
        const std::string_view type = chunks.take(4);
        const std::uint32_t length = chunks.little_endian(4);
        const std::string_view chunk = chunks.take(length);
        if (length % 2 == 1) chunks.take(1);
        if (chunks.is_short()) return std::nullopt;
        if (first && !read_webp_size(type, chunk, info)) return std::nullopt;
        has_picture |= type.starts_with("VP8") || type == "ANMF";
        if (first && type == "VP8X") has_picture = false;
    }
    return has_picture ? Found{info} : std::nullopt;
}

bool is_webp(std::string_view bytes) {
    return bytes.size() >= 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP";
}

bool is_sane(const ImageInfo& info) {
    const auto fine = [](std::uint32_t side) { return side >= 1 && side <= kImageSideMax; };
    return fine(info.width) && fine(info.height);
}

}  // namespace

Result<ImageInfo> sniff_image(std::string_view bytes) {
    Found found;
    if (bytes.starts_with(kPngSignature)) {
        found = sniff_png(bytes);
    } else if (bytes.starts_with(kJpegStart)) {
        found = sniff_jpeg(bytes);
    } else if (is_webp(bytes)) {
        found = sniff_webp(bytes);
    } else {
        return kUnsupportedMedia;
    }
    if (!found || !is_sane(*found)) return kBrokenMedia;
    return *found;
}

}  // namespace doorbuster::catalog
