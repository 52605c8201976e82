#include "adapters/alipay/zip_file.hpp"

#include <zlib.h>

#include <algorithm>

#include "adapters/pay_wire/inflated_file.hpp"
#include "ports/payment_bills.hpp"

namespace doorbuster::alipay {

namespace {

// PKWARE's APPNOTE, sections 4.3.7 (local header), 4.3.12 (directory) and 4.3.16 (its end).
constexpr std::uint32_t kLocalMark = 0x04034b50;
constexpr std::uint32_t kEntryMark = 0x02014b50;
constexpr std::uint32_t kEndMark = 0x06054b50;
constexpr std::size_t kLocalBytes = 30;
constexpr std::size_t kEntryBytes = 46;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kCommentMax = 65535;
constexpr std::size_t kDirectoryMax = 256 * 1024;
constexpr std::uint16_t kEncrypted = 1;
constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;
constexpr std::uint64_t kRatioFrom = 1024 * 1024;

[[noreturn]] void refuse(const std::string& why) { throw BadBill{"the archive " + why}; }

std::uint16_t u16(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint16_t>(
        static_cast<unsigned char>(bytes[at]) | static_cast<unsigned char>(bytes[at + 1]) << 8
    );
}
std::uint32_t u32(std::string_view bytes, std::size_t at) {
    return u16(bytes, at) | static_cast<std::uint32_t>(u16(bytes, at + 2)) << 16;
}

}  // namespace

ZipFile::ZipFile(const std::filesystem::path& file, ZipLimits limits)
    : file_{file}, limits_{limits}, in_{file, std::ios::binary} {
    std::error_code failed;
    size_ = std::filesystem::file_size(file, failed);
    if (!in_ || failed) refuse("cannot be read");
    read_directory();
}

std::string ZipFile::bytes_at(std::uint64_t at, std::size_t count) {
    if (at > size_ || count > size_ - at) refuse("is cut off");
    std::string bytes(count, '\0');
    in_.clear();
    in_.seekg(static_cast<std::streamoff>(at));
    in_.read(bytes.data(), static_cast<std::streamsize>(count));
    if (!in_) refuse("cannot be read");
    return bytes;
}

void ZipFile::read_directory() {
    const auto tail_size = std::min<std::uint64_t>(size_, kEndBytes + kCommentMax);
    const std::string tail = bytes_at(size_ - tail_size, tail_size);
    std::size_t end = tail.size();
    for (std::size_t at = tail.size(); at >= kEndBytes && end == tail.size(); --at) {
        const std::size_t from = at - kEndBytes;
        const bool here = u32(tail, from) == kEndMark && u16(tail, from + 20) == tail.size() - at;
        if (here) end = from;
    }
    if (end == tail.size()) refuse("has no directory: it is no zip file, or it is cut off");
    const std::size_t count = u16(tail, end + 10);
    const std::uint32_t size = u32(tail, end + 12);
    if (count == 0 || count > limits_.entries_max) refuse("has too many entries, or none");
    if (size > kDirectoryMax) refuse("has a directory that is too large");

    const std::string directory = bytes_at(u32(tail, end + 16), size);
    std::size_t at = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const bool fits = directory.size() - at >= kEntryBytes;
        if (!fits || u32(directory, at) != kEntryMark) refuse("has a damaged directory");
        if ((u16(directory, at + 8) & kEncrypted) != 0) refuse("is encrypted");
        entries_.push_back(
            {u16(directory, at + 10),
             u32(directory, at + 16),
             u32(directory, at + 20),
             u32(directory, at + 24),
             u32(directory, at + 42)}
        );
        const std::size_t rest = std::size_t{u16(directory, at + 28)} + u16(directory, at + 30) +
                                 u16(directory, at + 32);
        if (rest > directory.size() - at - kEntryBytes) refuse("has a damaged directory");
        at += kEntryBytes + rest;
    }
}

std::uint64_t ZipFile::data_at(const Entry& entry) {
    const std::string header = bytes_at(entry.header_at, kLocalBytes);
    if (u32(header, 0) != kLocalMark) refuse("has a damaged entry");
    const std::uint64_t data =
        std::uint64_t{entry.header_at} + kLocalBytes + u16(header, 26) + u16(header, 28);
    if (data > size_ || entry.packed > size_ - data) refuse("is cut off");
    return data;
}

void ZipFile::check(const Entry& entry, std::uint64_t bytes) const {
    if (bytes > entry.unpacked) refuse("holds more than it says");
    if (unpacked_ > limits_.bytes_max) refuse("is too large when unpacked");
    if (bytes > kRatioFrom && bytes / limits_.ratio_max > entry.packed) {
        refuse("shrinks more than any bill does");
    }
}

void ZipFile::read(std::size_t index, const std::function<bool(std::string_view)>& take) {
    const Entry& entry = entries_.at(index);
    if (entry.method != kStored && entry.method != kDeflated) {
        refuse("is packed in a way that is not known");
    }
    using pay_wire::InflatedFile;
    const auto format =
        entry.method == kStored ? InflatedFile::Format::plain : InflatedFile::Format::deflate;
    InflatedFile content{file_, format, {data_at(entry), entry.packed}, limits_.bytes_max};
    std::uint64_t bytes = 0;
    uLong checksum = 0;
    for (auto piece = content.next(); !piece.empty(); piece = content.next()) {
        bytes += piece.size();
        unpacked_ += piece.size();
        check(entry, bytes);
        checksum = crc32(
            checksum, reinterpret_cast<const Bytef*>(piece.data()), static_cast<uInt>(piece.size())
        );
        if (!take(piece)) return;
    }
    if (bytes != entry.unpacked || checksum != entry.checksum) refuse("is damaged");
}

}  // namespace doorbuster::alipay
