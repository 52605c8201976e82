#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace doorbuster::test {

// Writes a zip archive. Members are public so that a test can tell lies in it.
struct ZipWriter {
    bool deflated = true;
    std::uint16_t method_told = 0xffff;  // 0xffff: the true one
    std::uint32_t checksum_off = 0;      // added to the true one
    std::int64_t unpacked_off = 0;       // added to the true number of bytes
    std::uint16_t flags = 0;

    void add(std::string_view name, std::string_view content);
    std::string archive() const;

    std::string bytes;
    std::string directory;
    std::uint16_t count = 0;
};

// Text in GB18030.
std::string to_gb18030(std::string_view utf8);

}  // namespace doorbuster::test
