#include "adapters/pay_wire/base64.hpp"

#include <gtest/gtest.h>

#include "support/seeded_random.hpp"

namespace doorbuster::pay_wire {
namespace {

TEST(Base64, writes_and_reads_the_examples_of_rfc_4648) {
    const std::pair<std::string, std::string> examples[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : examples) {
        EXPECT_EQ(to_base64(bytes), text);
        EXPECT_EQ(from_base64(text), bytes);
    }
}

TEST(Base64, brings_any_bytes_back) {
    test::SeededRandom random{1};
    for (std::size_t length = 0; length < 100; ++length) {
        std::string bytes(length, '\0');
        random.fill(std::as_writable_bytes(std::span{bytes}));
        EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    }
}

TEST(Base64, is_strict) {
    for (const char* text :
         {"Zg",
          "Zg=",
          "Zg===",
          "Zm8",
          "=",
          "==",
          "====",
          "Z===",
          "Zg==Zg==",
          "Zm9v\n",
          " Zm9v",
          "Zm 9v",
          "Zm9-",
          "Zm9_",
          "Zm9vZ",
          "Zh==",
          "Zm9=",
          "Zm=v",
          "WECHATPAY/SIGNTEST/abc="}) {
        EXPECT_FALSE(from_base64(text)) << text;
    }
}

}  // namespace
}  // namespace doorbuster::pay_wire
