#include "pay_api/app_key.hpp"

#include <gtest/gtest.h>

#include "pay_api/pay_app.hpp"
#include "support/seeded_random.hpp"

namespace doorbuster::pay_api {
namespace {

TEST(AppKey, is_read_back_as_it_was_made) {
    test::SeededRandom random{1};
    const NewKey key = new_key(random);
    const std::string sent = "Bearer " + key.whole.reveal();
    const auto parsed = parse_key(sent);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->id, key.id);
    EXPECT_TRUE(equal(hash_of(parsed->secret), key.hash));
    EXPECT_TRUE(parse_key("bearer " + key.whole.reveal())) << "a scheme's case does not count";
    EXPECT_NE(new_key(random).whole.reveal(), key.whole.reveal());
}

TEST(AppKey, is_never_read_out_of_anything_else) {
    test::SeededRandom random{1};
    const std::string key = new_key(random).whole.reveal();
    for (const std::string& sent :
         {std::string{},
          std::string{"Bearer"},
          std::string{"Bearer "},
          std::string{"Bearer dbk_"},
          key,
          "Basic " + key,
          "Bearer  " + key,
          "Bearer " + key + " ",
          "Bearer " + key + "x",
          "Bearer x" + key,
          "Bearer " + key.substr(0, key.size() - 1),
          "Bearer " + key.substr(0, key.size() - 1) + "%",
          "Bearer " + std::string(key.size(), 'a')}) {
        EXPECT_FALSE(parse_key(sent)) << sent;
    }
}

TEST(AppKey, differs_in_its_hash_when_it_differs_in_a_letter) {
    EXPECT_FALSE(equal(hash_of("secret"), hash_of("secreT")));
    EXPECT_TRUE(equal(hash_of("secret"), hash_of("secret")));
}

TEST(AppName, is_a_short_word_that_is_not_our_own) {
    for (const char* good : {"abc", "crm-2", "a-very-long-name-of-thirty-two-c"}) {
        EXPECT_EQ(name_fault(good), "") << good;
    }
    for (const char* bad :
         {"",
          "ab",
          "Crm",
          "2crm",
          "-crm",
          "crm_2",
          "crm 2",
          "shop",
          "a-very-long-name-of-33-charactersX"}) {
        EXPECT_NE(name_fault(bad), "") << bad;
    }
}

}  // namespace
}  // namespace doorbuster::pay_api
