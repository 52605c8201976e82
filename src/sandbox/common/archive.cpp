#include "sandbox/common/archive.hpp"

#include <zlib.h>

#include <cstdint>
#include <stdexcept>

namespace doorbuster::sandbox {

namespace {

constexpr int kRawDeflate = -MAX_WBITS;
constexpr int kGzip = MAX_WBITS + 16;

std::string deflated(std::string_view bytes, int window_bits) {
    z_stream stream{};
    if (::deflateInit2(
            &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY
        ) != Z_OK) {
        throw std::runtime_error{"zlib has no memory"};
    }
    std::string packed(::deflateBound(&stream, bytes.size()) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int outcome = ::deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    ::deflateEnd(&stream);
    if (outcome != Z_STREAM_END) throw std::runtime_error{"zlib did not finish"};
    return packed;
}

void put(std::string& out, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 0xFFU);
}

std::uint32_t size_of(std::string_view text) { return static_cast<std::uint32_t>(text.size()); }

// The fields that the local header and the central directory share.
std::string description(const ZipEntry& entry, std::string_view packed) {
    const auto* content = reinterpret_cast<const Bytef*>(entry.content.data());
    std::string text;
    put(text, 20, 2);      // version needed
    put(text, 0, 2);       // flags: names are not said to be UTF-8
    put(text, 8, 2);       // deflate
    put(text, 0, 2);       // time
    put(text, 0x5D77, 2);  // date: one day for all
    put(text, static_cast<std::uint32_t>(::crc32(0, content, size_of(entry.content))), 4);
    put(text, size_of(packed), 4);
    put(text, size_of(entry.content), 4);
    put(text, size_of(entry.name), 2);
    put(text, 0, 2);  // no extra field
    return text;
}

}  // namespace

std::string gzip(std::string_view bytes) { return deflated(bytes, kGzip); }

std::string zip(const std::vector<ZipEntry>& entries) {
    std::string archive;
    std::string directory;
    for (const ZipEntry& entry : entries) {
        const std::string packed = deflated(entry.content, kRawDeflate);
        const std::string shared = description(entry, packed);
        directory += "PK\x01\x02";
        put(directory, 20, 2);  // made by
        directory += shared;
        put(directory, 0, 2);  // no comment
        put(directory, 0, 2);  // disk
        put(directory, 0, 2);  // internal attributes
        put(directory, 0, 4);  // external attributes
        put(directory, size_of(archive), 4);
        directory += entry.name;
        archive += "PK\x03\x04" + shared + entry.name + packed;
    }
    const std::uint32_t start = size_of(archive);
    archive += directory;
    archive += "PK\x05\x06";
    put(archive, 0, 4);  // disks
    put(archive, static_cast<std::uint32_t>(entries.size()), 2);
    put(archive, static_cast<std::uint32_t>(entries.size()), 2);
    put(archive, size_of(directory), 4);
    put(archive, start, 4);
    put(archive, 0, 2);  // no comment
    return archive;
}

}  // namespace doorbuster::sandbox
