#include "accounts/username.hpp"

#include <gtest/gtest.h>

#include <string>

#include "accounts/user.hpp"

namespace doorbuster::accounts {
namespace {

TEST(Username, may_hold_letters_digits_and_chinese) {
    for (const char* name :
         {"bob",
          "Alice_01",
          "a-b",
          "a.b",
          "张小明",
          "买家abc",
          "さくら",
          "김철수",
          "12345678901234567890123456789012",
          "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二"}) {
        EXPECT_TRUE(is_username(name)) << name;
    }
}

TEST(Username, is_refused_when_too_short_too_long_or_of_other_characters) {
    for (const std::string& name : std::vector<std::string>{
             "",
             "ab",
             "张三",
             "123456789012345678901234567890123",
             "a b c",
             "bob!",
             "<b>",
             "a/b",
             "a'b--",
             "b@d",
             "b\nd",
             std::string{"b\0d", 3},
             "аbc",        // Cyrillic a
             "abc\u200b",  // zero width space
             "bob\u202e",  // right to left
             "ｂｏｂ",     // full width
             "bob😀"}) {
        EXPECT_FALSE(is_username(name)) << name;
    }
}

TEST(Username, is_refused_when_it_is_not_utf8) {
    for (const std::string& name : std::vector<std::string>{
             "bob\xff",
             "bob\xe4\xb8",          // cut
             "bob\xe4(\xad",         // no continuation
             "bob\xc1\xa1",          // overlong a
             "bob\xe0\x81\xa1",      // overlong a
             "bob\xf0\x84\xb8\x80",  // overlong 一
             "bob\xed\xa0\x80",      // surrogate
             "bob\xf8\x88\x80\x80"}) {
        EXPECT_FALSE(is_username(name));
    }
}

TEST(Username, is_the_same_name_in_small_and_capital_letters) {
    EXPECT_EQ(username_key("BoB_Z"), "bob_z");
    EXPECT_EQ(username_key("张Ming"), "张ming");
}

TEST(Rights, are_told_in_words) {
    EXPECT_EQ(role_of(Rights{}), "shopper");
    EXPECT_EQ(role_of(Rights::of(Right::orders)), "staff");
    EXPECT_EQ(role_of(Rights::of(Right::admin)), "admin");
    const auto rights = rights_from({"catalog", "finance"});
    ASSERT_TRUE(rights.has_value());
    EXPECT_EQ(*rights, Rights::of(Right::catalog).with(Right::finance));
    EXPECT_EQ(words_of(*rights), (std::vector<std::string_view>{"catalog", "finance"}));
    EXPECT_EQ(words_of(Rights::of(Right::admin)), (std::vector<std::string_view>{"admin"}));
    EXPECT_FALSE(rights_from({"catalog", "root"}));
    EXPECT_EQ(rights_from({}), Rights{});
}

}  // namespace
}  // namespace doorbuster::accounts
