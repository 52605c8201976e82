#include "adapters/pay_wire/plain_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace doorbuster::pay_wire {
namespace {

TEST(PlainText, is_utf8_without_control_characters) {
    for (const char* good : {"", "SUCCESS", "交易付款", "a b", "\xf4\x8f\xbf\xbf", "\xc2\xa0"}) {
        EXPECT_TRUE(is_plain_text(good, 64)) << good;
    }
    for (const std::string bad :
         {"\xff",
          "\xc0\x80",
          "\xc1\xbf",
          "\xe0\x80\x80",
          "\xed\xa0\x80",
          "\xf0\x80\x80\x80",
          "\xf4\x90\x80\x80",
          "\xf5\x80\x80\x80",
          "\xe4\xba",
          "\xe4\xba\x61",
          "\x80",
          "a\n",
          "\x7f",
          "\xc2\x85"}) {
        EXPECT_FALSE(is_plain_text(bad, 64)) << bad;
    }
    EXPECT_FALSE(is_plain_text(std::string(1, '\0'), 64));
    EXPECT_TRUE(is_plain_text("交易", 6));
    EXPECT_FALSE(is_plain_text("交易", 5));
}

TEST(PlainWord, is_visible_ascii) {
    EXPECT_TRUE(is_plain_word("SK-1_|*@", 8));
    EXPECT_TRUE(is_plain_word("", 8));
    for (const char* bad : {"a b", "a\t", "\x7f", "é", "123456789"}) {
        EXPECT_FALSE(is_plain_word(bad, 8)) << bad;
    }
}

}  // namespace
}  // namespace doorbuster::pay_wire
