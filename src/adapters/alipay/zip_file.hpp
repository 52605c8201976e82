#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace doorbuster::alipay {

// What one archive may hold. A bill has two entries, and text shrinks to a tenth or so.
struct ZipLimits {
    std::size_t entries_max = 8;
    std::uint64_t bytes_max = 512ull * 1024 * 1024;  // unpacked, all entries together
    std::uint64_t ratio_max = 200;                   // of an entry, once it is past a megabyte
};

// Reads a zip archive entry by entry, in pieces of 64 KiB. The names in it are never looked
// at. Everything it says of itself is checked; what is not as said, is encrypted, needs ZIP64, or
// goes beyond the limits throws BadBill. Not thread-safe.
class ZipFile {
public:
    explicit ZipFile(const std::filesystem::path& file, ZipLimits limits = {});

    std::size_t entries() const { return entries_.size(); }
    // Hands the bytes of an entry over in pieces, until `take` says false. At the end their number
    // and checksum were right; without the end nothing is known of them.
    void read(std::size_t entry, const std::function<bool(std::string_view)>& take);

private:
    struct Entry {
        std::uint16_t method = 0;
        std::uint32_t checksum = 0;
        std::uint32_t packed = 0;
        std::uint32_t unpacked = 0;
        std::uint32_t header_at = 0;
    };

    std::string bytes_at(std::uint64_t at, std::size_t count);
    void read_directory();
    std::uint64_t data_at(const Entry& entry);
    void check(const Entry& entry, std::uint64_t bytes) const;

    const std::filesystem::path file_;
    const ZipLimits limits_;
    std::ifstream in_;
    std::uint64_t size_ = 0;
    std::vector<Entry> entries_;
    std::uint64_t unpacked_ = 0;
};

}  // namespace doorbuster::alipay
