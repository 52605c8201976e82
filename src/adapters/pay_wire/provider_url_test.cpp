#include "adapters/pay_wire/provider_url.hpp"

#include <gtest/gtest.h>

namespace doorbuster::pay_wire {
namespace {

TEST(ProviderUrl, leads_to_another_machine_by_https_only_unless_allowed) {
    EXPECT_EQ(fault_of_url("https://pay.test/v3", false), "");
    EXPECT_EQ(fault_of_url("http://localhost:8080/v3", false), "");
    EXPECT_EQ(fault_of_url("http://127.0.0.1", false), "");
    EXPECT_EQ(fault_of_url("http://[::1]:8080/v3", false), "");
    EXPECT_NE(fault_of_url("http://127.0.0.1.evil.test/v3", false), "");
    EXPECT_NE(fault_of_url("http://localhost.evil.test", false), "");
    EXPECT_NE(fault_of_url("http://pay.test/v3", false), "");
    EXPECT_EQ(fault_of_url("http://pay.test/v3", true), "");
}

TEST(ProviderUrl, is_nothing_but_scheme_host_and_path) {
    for (const char* url :
         {"",
          "pay.test",
          "ftp://pay.test",
          "https://",
          "https:///v3",
          "https://pay test",
          "https://pay.test/\"",
          "https://pay.test/v3?a=b",
          "https://pay.test/v3#a",
          "https://user@pay.test/v3"}) {
        EXPECT_NE(fault_of_url(url, true), "") << url;
    }
}

TEST(ProviderUrl, has_a_path_when_a_slash_follows_the_host) {
    EXPECT_FALSE(has_path("https://pay.test"));
    EXPECT_TRUE(has_path("https://pay.test/"));
    EXPECT_TRUE(has_path("https://pay.test/v3"));
}

}  // namespace
}  // namespace doorbuster::pay_wire
