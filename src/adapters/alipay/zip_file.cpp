#include "adapters/alipay/zip_file.hpp"

#include <zlib.h>

#include <algorithm>

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
constexpr std::size_t kBufferBytes = 64 * 1024;
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

struct Inflater {
    z_stream stream{};
    Inflater() {
        if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc{};
    }
    ~Inflater() { inflateEnd(&stream); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
};

}  // namespace

// Counts what comes out and hands it on.
class ZipFile::Check {
public:
    Check(const Entry& entry, const ZipLimits& limits, std::uint64_t& total, const auto& take)
        : entry_{entry}, limits_{limits}, total_{total}, take_{take} {}

    bool pass(std::string_view bytes) {
        count_ += bytes.size();
        total_ += bytes.size();
        if (count_ > entry_.unpacked) refuse("holds more than it says");
        if (total_ > limits_.bytes_max) refuse("is too large when unpacked");
        if (count_ > kRatioFrom && count_ / limits_.ratio_max > entry_.packed) {
            refuse("shrinks more than any bill does");
        }
        checksum_ = crc32(
            checksum_, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())
        );
        stopped_ = !take_(bytes);
        return !stopped_;
    }
    bool stopped() const { return stopped_; }
    void end() const {
        if (stopped_) return;
        if (count_ != entry_.unpacked || checksum_ != entry_.checksum) refuse("is damaged");
    }

private:
    const Entry& entry_;
    const ZipLimits& limits_;
    std::uint64_t& total_;
    const std::function<bool(std::string_view)>& take_;
    std::uint64_t count_ = 0;
    uLong checksum_ = 0;
    bool stopped_ = false;
};

ZipFile::ZipFile(const std::filesystem::path& file, ZipLimits limits)
    : limits_{limits}, in_{file, std::ios::binary} {
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

void ZipFile::seek_data(const Entry& entry) {
    const std::string header = bytes_at(entry.header_at, kLocalBytes);
    if (u32(header, 0) != kLocalMark) refuse("has a damaged entry");
    const std::uint64_t data =
        std::uint64_t{entry.header_at} + kLocalBytes + u16(header, 26) + u16(header, 28);
    if (data > size_ || entry.packed > size_ - data) refuse("is cut off");
    in_.seekg(static_cast<std::streamoff>(data));
}

std::size_t ZipFile::fill(std::string& buffer, std::uint64_t left) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size()));
    in_.read(buffer.data(), static_cast<std::streamsize>(wanted));
    if (!in_) refuse("cannot be read");
    return wanted;
}

void ZipFile::copy(const Entry& entry, Check& check) {
    std::string buffer(kBufferBytes, '\0');
    for (std::uint64_t left = entry.packed; left > 0;) {
        const std::size_t got = fill(buffer, left);
        left -= got;
        if (!check.pass({buffer.data(), got})) return;
    }
}

void ZipFile::inflate(const Entry& entry, Check& check) {
    Inflater inflater;
    z_stream& stream = inflater.stream;
    std::string packed(kBufferBytes, '\0');
    std::string plain(kBufferBytes, '\0');
    std::uint64_t left = entry.packed;
    for (int state = Z_OK; state != Z_STREAM_END;) {
        if (stream.avail_in == 0) {
            if (left == 0) refuse("is damaged");
            stream.avail_in = static_cast<uInt>(fill(packed, left));
            stream.next_in = reinterpret_cast<Bytef*>(packed.data());
            left -= stream.avail_in;
        }
        stream.avail_out = static_cast<uInt>(plain.size());
        stream.next_out = reinterpret_cast<Bytef*>(plain.data());
        state = ::inflate(&stream, Z_NO_FLUSH);
        if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR) refuse("is damaged");
        if (!check.pass({plain.data(), plain.size() - stream.avail_out})) return;
    }
    if (left > 0 || stream.avail_in > 0) refuse("is damaged");
}

void ZipFile::read(std::size_t index, const std::function<bool(std::string_view)>& take) {
    const Entry& entry = entries_.at(index);
    seek_data(entry);
    Check check{entry, limits_, unpacked_, take};
    if (entry.method == kStored) {
        copy(entry, check);
    } else if (entry.method == kDeflated) {
        inflate(entry, check);
    } else {
        refuse("is packed in a way that is not known");
    }
    check.end();
}

}  // namespace doorbuster::alipay
