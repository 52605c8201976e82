#include "shipping/phone.hpp"

#include <gtest/gtest.h>

namespace doorbuster::shipping {
namespace {

TEST(Phone, may_be_a_mobile_a_landline_or_a_number_abroad) {
    for (const char* number :
         {"13800138000",
          "138 0013 8000",
          "010-12345678",
          "0755-1234567",
          "+86 13800138000",
          "+44 20 7946 0958",
          "10086",
          "400-800-8888",
          "12345678901234567890"}) {
        EXPECT_TRUE(is_phone(number)) << number;
    }
}

TEST(Phone, is_nothing_else) {
    for (const char* number :
         {"",
          "1234",
          "123456789012345678901",
          "1380013800a",
          "138+00138000",
          "++861380013",
          "- - - - -",
          "+----1234",
          "１３８００１３８０００",
          "13800138000\n",
          "'; DROP--"}) {
        EXPECT_FALSE(is_phone(number)) << number;
    }
}

TEST(Postcode, has_six_digits) {
    EXPECT_TRUE(is_postcode("100000"));
    for (const char* code : {"", "10000", "1000000", "10000a", "１０００００"}) {
        EXPECT_FALSE(is_postcode(code)) << code;
    }
}

}  // namespace
}  // namespace doorbuster::shipping
