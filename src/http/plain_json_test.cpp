#include "http/plain_json.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace doorbuster::http {
namespace {

TEST(PlainJson, writes_numbers_as_people_read_them) {
    EXPECT_EQ(plain_json(0.1), "0.1");
    EXPECT_EQ(plain_json(2.0), "2");
    EXPECT_EQ(plain_json(0.0), "0");
    EXPECT_EQ(plain_json(-12.345), "-12.345");
    EXPECT_EQ(plain_json(1e21), "1000000000000000000000");
    EXPECT_EQ(plain_json(1e-7), "0.0000001");
    EXPECT_EQ(plain_json(7), "7");
}

TEST(PlainJson, is_the_same_json) {
    const auto value = boost::json::parse(
        R"({"a":{},"b":[],"c":[1,-2.5,"\"{\n",null,true,{"d\u0007":{"e":[[]]}}],"茶":1.25e-3,"n":null})"
    );
    EXPECT_EQ(boost::json::parse(plain_json(value)), value);
    EXPECT_EQ(
        plain_json(boost::json::parse(R"({"x":[1E-1,{"y":2E0}],"z":"1E-1"})")),
        R"({"x":[0.1,{"y":2}],"z":"1E-1"})"
    );
}

}  // namespace
}  // namespace doorbuster::http
