#include "adapters/alipay/form.hpp"

#include <gtest/gtest.h>

#include "support/seeded_random.hpp"

namespace doorbuster::alipay {
namespace {

TEST(Form, is_decoded_once) {
    const auto params = parse_form("subject=A%2BB+%26+C%3DD+100%25+%252B&body=&x%5B0%5D=1");
    ASSERT_TRUE(params);
    EXPECT_EQ(params->size(), 3u);
    EXPECT_EQ(params->at("subject"), "A+B & C=D 100% %2B");
    EXPECT_EQ(params->at("body"), "");
    EXPECT_EQ(params->at("x[0]"), "1");
}

TEST(Form, a_value_goes_to_the_next_ampersand_whatever_is_in_it) {
    EXPECT_EQ(parse_form("a=b=c==&d=%00")->at("a"), "b=c==");
    EXPECT_EQ(parse_form("a=b=c==&d=%00")->at("d"), std::string(1, '\0'));
}

TEST(Form, is_refused_when_two_readers_could_read_two_things) {
    for (const char* text :
         {"",
          "a",
          "=1",
          "a=1&",
          "&a=1",
          "a=1&&b=2",
          "a=1&a=2",
          "a=1&%61=2",
          "a=1&a=1",
          "a=%",
          "a=%4",
          "a=%4g",
          "a=%g4",
          "%=1"}) {
        EXPECT_FALSE(parse_form(text)) << text;
    }
}

TEST(Form, has_bounds) {
    std::string many = "f0=";
    for (std::size_t i = 1; i < kFormFieldsMax; ++i) many += "&f" + std::to_string(i) + "=";
    EXPECT_TRUE(parse_form(many));
    EXPECT_FALSE(parse_form(many + "&one_more="));
    EXPECT_TRUE(parse_form("a=" + std::string(kFormBytesMax - 2, 'x')));
    EXPECT_FALSE(parse_form("a=" + std::string(kFormBytesMax - 1, 'x')));
}

TEST(Form, what_is_written_is_read_back) {
    test::SeededRandom random{3};
    for (int i = 0; i < 500; ++i) {
        Params params;
        for (auto left = 1 + random.next_u64() % 8; left > 0; --left) {
            std::string value;
            for (auto bytes = random.next_u64() % 20; bytes > 0; --bytes) {
                value += static_cast<char>(random.next_u64());
            }
            params["k" + value + std::to_string(left)] = value;
        }
        EXPECT_EQ(parse_form(to_form(params)), params);
    }
}

TEST(Form, is_joined_for_signing_in_the_order_of_the_names_bytes) {
    const Params params{
        {"sign_type", "RSA2"}, {"a_b", "1"}, {"a", "= &"}, {"aB", "2"}, {"\xe4", ""}};
    EXPECT_EQ(joined(params), "a== &&aB=2&a_b=1&sign_type=RSA2&\xe4=");
}

}  // namespace
}  // namespace doorbuster::alipay
