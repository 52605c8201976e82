// Compressed files: zip as Alipay packs its bills, gzip as WeChat Pay does.
#include <zlib.h>

#include <algorithm>
#include <optional>

#include "adapters/alipay/zip_file.hpp"
#include "adapters/pay_wire/inflated_file.hpp"
#include "fuzz/file.hpp"
#include "fuzz/fuzz.hpp"
#include "ports/payment_bills.hpp"
#include "support/zip_writer.hpp"

namespace {

using namespace doorbuster;
using fuzz::demand;
using fuzz::File;
using pay_wire::InflatedFile;

constexpr std::uint64_t kBytesMax = 1024 * 1024;

std::optional<std::string> unpacked(
    const File& file, InflatedFile::Format format, std::uint64_t bytes_max
) {
    std::string content;
    try {
        InflatedFile in{file.path(), format, {}, bytes_max};
        for (auto piece = in.next(); !piece.empty(); piece = in.next()) {
            demand(piece.size() <= 64 * 1024, "a piece is bounded");
            content += piece;
            demand(content.size() <= bytes_max, "no more is handed over than is allowed");
        }
    } catch (const BadBill&) {
        return std::nullopt;
    }
    return content;
}

// Every entry, one behind the other.
std::optional<std::string> unzipped(const File& file, std::uint64_t bytes_max = kBytesMax) {
    std::string content;
    try {
        alipay::ZipFile zip{file.path(), {.entries_max = 4, .bytes_max = bytes_max}};
        demand(zip.entries() <= 4, "entries are bounded");
        for (std::size_t entry = 0; entry < zip.entries(); ++entry) {
            zip.read(entry, [&](std::string_view piece) {
                content += piece;
                demand(content.size() <= bytes_max, "no more is handed over than is allowed");
                return true;
            });
        }
    } catch (const BadBill&) {
        return std::nullopt;
    }
    return content;
}

std::string gzipped(std::string_view content, int level) {
    z_stream stream{};
    deflateInit2(&stream, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string packed(deflateBound(&stream, content.size()) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    demand(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib can deflate");
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

// So many times what stands behind, packed and unpacked again.
void check_packing(fuzz::Input input) {
    const std::uint8_t how = input.byte();
    const std::size_t size = input.number() % 200'000;
    const std::string_view pattern = input.rest();
    std::string content;
    while (content.size() < size && !pattern.empty()) content += pattern;
    content.resize(std::min(content.size(), size));

    const File gzip{gzipped(content, 1 + how % 9)};
    demand(unpacked(gzip, InflatedFile::Format::gzip, content.size()) == content, "gzip, unpacked");
    const bool more = !content.empty() &&
                      unpacked(gzip, InflatedFile::Format::gzip, content.size() - 1).has_value();
    demand(!more, "not a byte more than is allowed");

    test::ZipWriter writer;
    writer.deflated = (how & 128) == 0;
    writer.add("a", content);
    writer.add("b", pattern);
    const auto together = content + std::string{pattern};
    demand(unzipped(File{writer.archive()}) == together, "zip, unpacked");

    writer = {};
    writer.deflated = (how & 128) == 0;
    writer.checksum_off = 1;
    writer.add("a", content);
    demand(!unzipped(File{writer.archive()}), "a wrong checksum is found");
}

}  // namespace

// The first byte: a zip file, a gzip file, or something to be packed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input{data, size};
    switch (input.byte()) {
        case 'p':
            check_packing(input);
            break;
        case 'g':
            static_cast<void>(unpacked(File{input.rest()}, InflatedFile::Format::gzip, kBytesMax));
            break;
        case 'd':
            static_cast<void>(unpacked(File{input.rest()}, InflatedFile::Format::deflate, kBytesMax)
            );
            break;
        default:
            static_cast<void>(unzipped(File{input.rest()}));
    }
    return 0;
}
