#include "http/client_address.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace doorbuster::http {
namespace {

TEST(AddressRange, holds_the_addresses_of_a_network) {
    struct Row {
        const char* range;
        const char* address;
        bool inside;
    };
    const Row table[] = {
        {"10.0.0.0/8", "10.255.0.1", true},
        {"10.0.0.0/8", "11.0.0.1", false},
        {"192.168.1.128/25", "192.168.1.129", true},
        {"192.168.1.128/25", "192.168.1.127", false},
        {"127.0.0.1", "127.0.0.1", true},
        {"127.0.0.1", "127.0.0.2", false},
        {"0.0.0.0/0", "8.8.8.8", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "2001:db8::1", true},
        {"fd00::/8", "fd12::1", true},
        {"fd00::/8", "fe80::1", false},
        {"2001:db8::1", "2001:db8::1", true},
        {"10.0.0.0/8", "::ffff:10.1.1.1", true},
    };
    for (const Row& row : table) {
        const auto range = AddressRange::parse(row.range);
        const auto address = parse_ip(row.address);
        ASSERT_TRUE(range && address) << row.range << " " << row.address;
        EXPECT_EQ(range->contains(*address), row.inside) << row.range << " " << row.address;
    }
}

TEST(AddressRange, refuses_what_is_no_network) {
    for (const char* text :
         {"",
          "10.0.0",
          "10.0.0.0/33",
          "10.0.0.0/-1",
          "10.0.0.0/",
          "10.0.0.0/8x",
          "fd00::/129",
          "localhost",
          "256.0.0.1"}) {
        EXPECT_FALSE(AddressRange::parse(text)) << text;
    }
    EXPECT_THROW(TrustedProxies({"10.0.0.0/8", "nonsense"}), std::invalid_argument);
}

TEST(Addresses, are_their_whole_text) {
    using namespace std::literals;
    EXPECT_TRUE(parse_ip("10.1.2.3"));
    EXPECT_FALSE(parse_ip("10.1.2.3\0evil"sv));
    EXPECT_FALSE(parse_ip("::1\0"sv));
}

TEST(Networks, contain_addresses_and_nothing_else) {
    const Networks networks{{"10.0.0.0/8", "::1"}};
    EXPECT_TRUE(networks.contain("10.1.2.3"));
    EXPECT_TRUE(networks.contain("::ffff:10.1.2.3"));
    EXPECT_TRUE(networks.contain("::1"));
    for (const char* other : {"11.1.2.3", "::2", "local", ""}) {
        EXPECT_FALSE(networks.contain(std::string_view{other})) << other;
    }
    EXPECT_FALSE(Networks{}.contain(std::string_view{"10.1.2.3"}));
}

TEST(TrustedProxies, tell_the_client_they_speak_for) {
    const TrustedProxies proxies{{"10.0.0.0/8", "::1"}};
    EXPECT_TRUE(proxies.trusts("10.1.2.3"));
    EXPECT_FALSE(proxies.trusts("11.1.2.3"));
    const auto client = [&](std::vector<Request::Header> headers) {
        Request request;
        request.headers = headers;
        return std::string{proxies.client_of(request, "10.0.0.1")};
    };
    EXPECT_EQ(client({}), "10.0.0.1");
    EXPECT_EQ(client({{"X-Forwarded-For", "1.2.3.4"}}), "1.2.3.4");
    EXPECT_EQ(client({{"X-Forwarded-For", "6.6.6.6, 1.2.3.4"}}), "1.2.3.4");
    EXPECT_EQ(client({{"X-Forwarded-For", "6.6.6.6, 1.2.3.4, 10.9.9.9"}}), "1.2.3.4");
    EXPECT_EQ(client({{"X-Forwarded-For", "6.6.6.6"}, {"x-forwarded-for", "1.2.3.4"}}), "1.2.3.4");
    EXPECT_EQ(client({{"X-Forwarded-For", "2001:db8::7, ::1"}}), "2001:db8::7");
    EXPECT_EQ(client({{"X-Forwarded-For", "1.2.3.4, unknown"}}), "10.0.0.1");
    EXPECT_EQ(client({{"X-Forwarded-For", "<script>, 10.2.2.2"}}), "10.2.2.2");
    EXPECT_EQ(client({{"X-Forwarded-For", ""}}), "10.0.0.1");
}

TEST(TrustedProxies, tell_whether_the_client_came_by_tls) {
    const auto https = [](std::vector<Request::Header> headers) {
        Request request;
        request.headers = headers;
        return forwarded_as_https(request);
    };
    EXPECT_TRUE(https({{"X-Forwarded-Proto", "https"}}));
    EXPECT_TRUE(https({{"X-Forwarded-Proto", "http, HTTPS"}}));
    EXPECT_FALSE(https({{"X-Forwarded-Proto", "https, http"}}));
    EXPECT_FALSE(https({{"X-Forwarded-Proto", "http"}}));
    EXPECT_FALSE(https({}));
}

}  // namespace
}  // namespace doorbuster::http
