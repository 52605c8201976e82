#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace doorbuster::pay_wire {

struct FilePart {
    std::uint64_t offset = 0;
    std::uint64_t bytes = UINT64_MAX;  // all that is left
};

// The bytes of a compressed file, in pieces and within bounds, so that neither a large file nor one
// that unpacks to a mountain takes much memory.
class InflatedFile {
public:
    enum class Format {
        plain,    // not compressed
        deflate,  // without any frame, as in zip archives: who reads it checks what it got
        gzip,     // with its checksum, which is checked
    };
    static constexpr std::uint64_t kBytesMax = 512ull * 1024 * 1024;

    // Throws BadBill when the file cannot be read.
    InflatedFile(
        const std::filesystem::path& file,
        Format format,
        FilePart part = {},
        std::uint64_t bytes_max = kBytesMax
    );
    ~InflatedFile();

    // The next piece of at most 64 KiB, valid until the next call; empty at the end. Throws
    // BadBill: damaged, cut, more bytes than `bytes_max`, or something behind the end.
    std::string_view next();

    // gzip or plain, by the first two bytes.
    static Format format_of(const std::filesystem::path& file);

private:
    struct FreeStream {
        void operator()(z_stream_s* stream) const;
    };
    std::string_view next_plain();
    std::string_view next_inflated();
    bool fill();
    std::string_view counted(std::string_view piece);

    const Format format_;
    std::ifstream in_;
    std::uint64_t unread_;
    const std::uint64_t bytes_max_;
    std::uint64_t bytes_ = 0;
    std::unique_ptr<z_stream_s, FreeStream> stream_;
    bool ended_ = false;
    std::string input_;
    std::string output_;
};

// The SHA-256 of a whole file, in hex. Throws BadBill when it cannot be read.
std::string sha256_of(const std::filesystem::path& file);

}  // namespace doorbuster::pay_wire
