#include "support/zip_writer.hpp"

#include <iconv.h>
#include <zlib.h>

#include <stdexcept>

namespace doorbuster::test {

namespace {

std::string deflate_raw(std::string_view content) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string packed(deflateBound(&stream, content.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int state = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    if (state != Z_STREAM_END) throw std::runtime_error{"zlib cannot deflate"};
    return packed;
}

std::string little(std::uint64_t number, int bytes) {
    std::string text;
    for (; bytes > 0; --bytes, number >>= 8) text += static_cast<char>(number & 255);
    return text;
}

}  // namespace

void ZipWriter::add(std::string_view name, std::string_view content) {
    const std::string packed = deflated ? deflate_raw(content) : std::string{content};
    const uLong checksum =
        crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
    const auto told_size =
        static_cast<std::uint64_t>(static_cast<std::int64_t>(content.size()) + unpacked_off);
    const std::uint16_t true_method = deflated ? 8 : 0;
    std::string common = little(20, 2) + little(flags, 2);
    common += little(method_told == 0xffff ? true_method : method_told, 2) + little(0, 4);
    common += little(checksum + checksum_off, 4) + little(packed.size(), 4);
    common += little(told_size, 4) + little(name.size(), 2) + little(0, 2);
    directory += "PK\x01\x02" + little(20, 2) + common + little(0, 2) + little(0, 2) +
                 little(0, 2) + little(0, 4) + little(bytes.size(), 4) + std::string{name};
    bytes += "PK\x03\x04" + common + std::string{name} + packed;
    ++count;
}

std::string ZipWriter::archive() const {
    return bytes + directory + "PK\x05\x06" + little(0, 4) + little(count, 2) + little(count, 2) +
           little(directory.size(), 4) + little(bytes.size(), 4) + little(0, 2);
}

std::string to_gb18030(std::string_view utf8) {
    const iconv_t handle = iconv_open("GB18030", "UTF-8");
    std::string text(utf8.size() * 4 + 8, '\0');
    char* in = const_cast<char*>(utf8.data());
    std::size_t in_left = utf8.size();
    char* out = text.data();
    std::size_t out_left = text.size();
    const std::size_t state = iconv(handle, &in, &in_left, &out, &out_left);
    iconv_close(handle);
    if (state == static_cast<std::size_t>(-1)) throw std::runtime_error{"no GB18030"};
    text.resize(text.size() - out_left);
    return text;
}

}  // namespace doorbuster::test
