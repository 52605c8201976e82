#include "core/utf8.hpp"

#include <gtest/gtest.h>

namespace doorbuster {
namespace {

TEST(Utf8, is_cut_between_characters) {
    EXPECT_EQ(cut_utf8("abc", 3), "abc");
    EXPECT_EQ(cut_utf8("abcd", 3), "abc");
    EXPECT_EQ(cut_utf8("\xE5\x8F\x8C\xE5\x8D\x81", 5), "\xE5\x8F\x8C");
    EXPECT_EQ(cut_utf8("\xE5\x8F\x8C\xE5\x8D\x81", 6), "\xE5\x8F\x8C\xE5\x8D\x81");
    EXPECT_EQ(cut_utf8("\xE5\x8F\x8C", 2), "");
}

TEST(Utf8, is_counted_in_characters) {
    EXPECT_EQ(utf8_characters(""), 0u);
    EXPECT_EQ(utf8_characters("abc"), 3u);
    EXPECT_EQ(utf8_characters("\xE5\x8F\x8C\xE5\x8D\x81 a"), 4u);
    EXPECT_EQ(utf8_characters("\xF0\x9F\x8D\xB5"), 1u);
}

}  // namespace
}  // namespace doorbuster
