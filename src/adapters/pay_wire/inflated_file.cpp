#include "adapters/pay_wire/inflated_file.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "adapters/pay_wire/digest.hpp"
#include "ports/payment_bills.hpp"

namespace doorbuster::pay_wire {

namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr int kGzipOnly = 16 + MAX_WBITS;
constexpr int kNoFrame = -MAX_WBITS;

Bytef* bytes_of(std::string& text) { return reinterpret_cast<Bytef*>(text.data()); }

}  // namespace

void InflatedFile::FreeStream::operator()(z_stream_s* stream) const {
    inflateEnd(stream);
    delete stream;
}

InflatedFile::InflatedFile(
    const std::filesystem::path& file, Format format, FilePart part, std::uint64_t bytes_max
)
    : format_{format},
      in_{file, std::ios::binary},
      unread_{part.bytes},
      bytes_max_{bytes_max},
      input_(kPieceBytes, '\0') {
    in_.seekg(static_cast<std::streamoff>(part.offset));
    if (!in_) throw BadBill{"the file cannot be read"};
    if (format_ == Format::plain) return;
    stream_.reset(new z_stream_s{});
    output_.resize(kPieceBytes);
    const int window = format_ == Format::gzip ? kGzipOnly : kNoFrame;
    if (inflateInit2(stream_.get(), window) != Z_OK) throw std::bad_alloc{};
}

InflatedFile::~InflatedFile() = default;

std::string_view InflatedFile::next() {
    return counted(format_ == Format::plain ? next_plain() : next_inflated());
}

std::string_view InflatedFile::counted(std::string_view piece) {
    bytes_ += piece.size();
    if (bytes_ > bytes_max_) throw BadBill{"the file unpacks to more than it may"};
    return piece;
}

// Reads the next piece of the file into `input_`, which is as long as what was read.
bool InflatedFile::fill() {
    input_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, unread_)));
    in_.read(input_.data(), static_cast<std::streamsize>(input_.size()));
    if (in_.bad()) throw BadBill{"the file cannot be read"};
    input_.resize(static_cast<std::size_t>(in_.gcount()));
    unread_ -= input_.size();
    return !input_.empty();
}

std::string_view InflatedFile::next_plain() { return fill() ? input_ : std::string_view{}; }

std::string_view InflatedFile::next_inflated() {
    z_stream_s& stream = *stream_;
    while (!ended_) {
        // A piece that became full may have more behind it that zlib has read already: only when it
        // then has nothing to say is there need of more input.
        const bool was_full = stream.next_out != nullptr && stream.avail_out == 0;
        if (stream.avail_in == 0 && !was_full) {
            if (!fill()) throw BadBill{"the file is cut short"};
            stream.next_in = bytes_of(input_);
            stream.avail_in = static_cast<uInt>(input_.size());
        }
        stream.next_out = bytes_of(output_);
        stream.avail_out = static_cast<uInt>(output_.size());
        const int code = inflate(&stream, Z_NO_FLUSH);
        ended_ = code == Z_STREAM_END;
        const bool hungry = code == Z_BUF_ERROR && stream.avail_in == 0;
        if (!ended_ && code != Z_OK && !hungry) throw BadBill{"the file is damaged"};
        const std::size_t made = output_.size() - stream.avail_out;
        if (made > 0) return {output_.data(), made};
    }
    if (stream.avail_in > 0 || fill()) throw BadBill{"there is something behind the file's end"};
    return {};
}

InflatedFile::Format InflatedFile::format_of(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    std::array<char, 2> magic{};
    in.read(magic.data(), magic.size());
    return magic[0] == '\x1f' && magic[1] == '\x8b' ? Format::gzip : Format::plain;
}

std::string sha256_of(const std::filesystem::path& file) {
    InflatedFile bytes{file, InflatedFile::Format::plain};
    Digest digest = Digest::sha256();
    for (auto piece = bytes.next(); !piece.empty(); piece = bytes.next()) digest.add(piece);
    return digest.hex();
}

}  // namespace doorbuster::pay_wire
