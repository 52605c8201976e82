#include "http/text.hpp"

#include <gtest/gtest.h>

namespace doorbuster::http {
namespace {

using namespace std::string_literals;

TEST(Utf8, counts_the_characters_of_valid_text) {
    EXPECT_EQ(utf8_length(""), 0u);
    EXPECT_EQ(utf8_length("abc"), 3u);
    EXPECT_EQ(utf8_length("秒杀"), 2u);
    EXPECT_EQ(utf8_length("é😀"), 2u);
    EXPECT_EQ(utf8_length("\xF4\x8F\xBF\xBF"), 1u);  // U+10FFFF
    EXPECT_EQ(utf8_length("\xED\x9F\xBF"), 1u);      // U+D7FF
}

TEST(Utf8, refuses_what_is_not_valid) {
    for (const char* text :
         {"\x80",
          "\xC3",
          "\xC0\xAF",
          "\xC1\xBF",
          "\xE0\x80\xAF",
          "\xE4\xB8",
          "\xED\xA0\x80",
          "\xF0\x80\x80\xAF",
          "\xF4\x90\x80\x80",
          "\xF5\x80\x80\x80",
          "\xFF",
          "ok\xC3\x28"}) {
        EXPECT_FALSE(utf8_length(text)) << testing::PrintToString(text);
    }
}

TEST(PercentDecoding, replaces_escapes_and_keeps_broken_ones) {
    EXPECT_EQ(percent_decode("a%20b", Plus::is_plus), "a b");
    EXPECT_EQ(percent_decode("%e7%A7%92", Plus::is_plus), "秒");
    EXPECT_EQ(percent_decode("a+b", Plus::is_plus), "a+b");
    EXPECT_EQ(percent_decode("a+b", Plus::is_space), "a b");
    EXPECT_EQ(percent_decode("100%", Plus::is_plus), "100%");
    EXPECT_EQ(percent_decode("%2", Plus::is_plus), "%2");
    EXPECT_EQ(percent_decode("%zz%41", Plus::is_plus), "%zzA");
    EXPECT_EQ(percent_decode("%00", Plus::is_plus), "\0"s);
}

TEST(IdText, is_digits_without_sign_or_leading_zero) {
    EXPECT_EQ(parse_id("1"), 1);
    EXPECT_EQ(parse_id("9223372036854775807"), INT64_MAX);
    for (const char* text :
         {"", "0", "01", "-1", "+1", "1.0", "1e3", " 1", "1 ", "9223372036854775808", "abc"}) {
        EXPECT_FALSE(parse_id(text)) << text;
    }
}

TEST(Accepting, respects_names_stars_and_zero_quality) {
    EXPECT_TRUE(accepts("gzip", "gzip"));
    EXPECT_TRUE(accepts("br, GZIP;q=0.5", "gzip"));
    EXPECT_TRUE(accepts("*", "gzip"));
    EXPECT_TRUE(accepts("br;q=1.0, *;q=0.1", "gzip"));
    EXPECT_FALSE(accepts("", "gzip"));
    EXPECT_FALSE(accepts("br", "gzip"));
    EXPECT_FALSE(accepts("gzip;q=0", "gzip"));
    EXPECT_FALSE(accepts("gzip; q=0.000", "gzip"));
    EXPECT_FALSE(accepts("*, gzip;q=0", "gzip"));
    EXPECT_FALSE(accepts("*;q=0", "gzip"));
    EXPECT_FALSE(accepts("xgzip", "gzip"));
    EXPECT_TRUE(accepts("text/html, application/problem+json", "application/problem+json"));
    EXPECT_FALSE(accepts("*/*", "application/problem+json"));
}

TEST(HeaderText, has_no_line_breaks) {
    EXPECT_TRUE(is_header_value("a b\tc; d=\"é\""));
    EXPECT_FALSE(is_header_value("a\r\nSet-Cookie: b"));
    EXPECT_FALSE(is_header_value("a\nb"));
    EXPECT_FALSE(is_header_value("a\0b"s));
    EXPECT_TRUE(is_token("X-Total_1"));
    EXPECT_FALSE(is_token(""));
    EXPECT_FALSE(is_token("a b"));
    EXPECT_FALSE(is_token("a:"));
}

}  // namespace
}  // namespace doorbuster::http
