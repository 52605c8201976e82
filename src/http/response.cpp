#include "http/response.hpp"

#include <openssl/evp.h>
#include <zlib.h>

#include <array>

#include "core/assert.hpp"

namespace doorbuster::http {

namespace {

constexpr std::size_t kCompressMin = 256;  // below this a packet is a packet

bool is_compressible(std::string_view type) {
    const std::string_view media = type.substr(0, type.find(';'));
    return media.starts_with("text/") || media.ends_with("json") || media.ends_with("xml") ||
           media.ends_with("javascript") || media.ends_with("yaml");
}

std::string gzip(std::string_view text) {
    z_stream stream{};
    constexpr int kGzipWindow = 15 + 16;  // zlib.h: add 16 to write a gzip header
    const int ready =
        deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY);
    DOORBUSTER_ASSERT(ready == Z_OK);
    std::string packed(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int finished = deflate(&stream, Z_FINISH);
    DOORBUSTER_ASSERT(finished == Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

// The first half of SHA-256, in quotes.
std::string etag_of(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const int hashed =
        EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
    DOORBUSTER_ASSERT(hashed == 1 && size >= 16);
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::string etag = "\"";
    for (std::size_t i = 0; i < 16; ++i) {
        etag += kHex[digest[i] >> 4];
        etag += kHex[digest[i] & 15];
    }
    return etag + '"';
}

}  // namespace

std::shared_ptr<const Document> make_document(
    std::string content_type, std::string body, std::string cache_control
) {
    auto document = std::make_shared<Document>();
    document->etag = etag_of(body);
    if (body.size() >= kCompressMin && is_compressible(content_type)) {
        std::string packed = gzip(body);
        if (packed.size() < body.size()) document->gzip = std::move(packed);
    }
    document->content_type = std::move(content_type);
    document->body = std::move(body);
    document->cache_control = std::move(cache_control);
    return document;
}

}  // namespace doorbuster::http
