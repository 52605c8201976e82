#include "http/response.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

namespace doorbuster::http {
namespace {

std::string gunzip(const std::string& packed, std::size_t size) {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    std::string text(size, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    inflateEnd(&stream);
    return text;
}

TEST(Document, is_compressed_when_it_is_text_and_gets_smaller) {
    const std::string text(10'000, 'a');
    const auto document = make_document("text/html; charset=utf-8", text, "no-cache");
    EXPECT_EQ(document->body, text);
    EXPECT_LT(document->gzip.size(), 200u);
    EXPECT_EQ(gunzip(document->gzip, text.size()), text);
    EXPECT_EQ(document->cache_control, "no-cache");
    EXPECT_TRUE(make_document("text/html", "short", "")->gzip.empty());
    EXPECT_TRUE(make_document("image/png", text, "")->gzip.empty());
    EXPECT_FALSE(make_document("image/svg+xml", text, "")->gzip.empty());
}

TEST(Document, has_an_etag_of_its_bytes) {
    const auto one = make_document("text/plain", "one", "");
    EXPECT_EQ(one->etag, make_document("text/css", "one", "")->etag);
    EXPECT_NE(one->etag, make_document("text/plain", "two", "")->etag);
    EXPECT_EQ(one->etag.size(), 34u);
    EXPECT_EQ(one->etag.front(), '"');
    EXPECT_EQ(one->etag.back(), '"');
}

}  // namespace
}  // namespace doorbuster::http
