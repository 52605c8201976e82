#include "adapters/curl/public_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace doorbuster::curl {

namespace {

struct Network4 {
    std::uint32_t address;
    int bits;
};

constexpr std::uint32_t ipv4(unsigned a, unsigned b, unsigned c, unsigned d) {
    return a << 24 | b << 16 | c << 8 | d;
}

// IANA IPv4 Special-Purpose Address Registry, and multicast and reserved space.
constexpr std::array kSpecial4{
    Network4{ipv4(0, 0, 0, 0), 8},
    Network4{ipv4(10, 0, 0, 0), 8},
    Network4{ipv4(100, 64, 0, 0), 10},
    Network4{ipv4(127, 0, 0, 0), 8},
    Network4{ipv4(169, 254, 0, 0), 16},
    Network4{ipv4(172, 16, 0, 0), 12},
    Network4{ipv4(192, 0, 0, 0), 24},
    Network4{ipv4(192, 0, 2, 0), 24},
    Network4{ipv4(192, 88, 99, 0), 24},
    Network4{ipv4(192, 168, 0, 0), 16},
    Network4{ipv4(198, 18, 0, 0), 15},
    Network4{ipv4(198, 51, 100, 0), 24},
    Network4{ipv4(203, 0, 113, 0), 24},
    Network4{ipv4(224, 0, 0, 0), 4},
    Network4{ipv4(240, 0, 0, 0), 4},
};

bool is_public4(std::uint32_t address) {
    return std::none_of(kSpecial4.begin(), kSpecial4.end(), [&](const Network4& network) {
        return (address ^ network.address) >> (32 - network.bits) == 0;
    });
}

using Bytes16 = std::array<std::uint8_t, 16>;

bool has_prefix(const Bytes16& address, std::initializer_list<std::uint8_t> prefix) {
    return std::equal(prefix.begin(), prefix.end(), address.begin());
}

std::uint32_t last_four(const Bytes16& a) { return ipv4(a[12], a[13], a[14], a[15]); }

bool is_public6(const Bytes16& address) {
    if (has_prefix(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})) {
        return is_public4(last_four(address));
    }
    if (has_prefix(address, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) {
        return is_public4(last_four(address));
    }
    const bool global_unicast = (address[0] & 0xe0) == 0x20;  // 2000::/3
    const bool protocol_assignments =                         // 2001::/23, Teredo among them
        has_prefix(address, {0x20, 0x01}) && (address[2] & 0xfe) == 0;
    const bool documentation = has_prefix(address, {0x20, 0x01, 0x0d, 0xb8}) ||
                               (has_prefix(address, {0x3f, 0xff}) && (address[2] & 0xf0) == 0);
    const bool six_to_four = has_prefix(address, {0x20, 0x02});
    return global_unicast && !protocol_assignments && !documentation && !six_to_four;
}

Bytes16 bytes_of(const in6_addr& address) {
    Bytes16 bytes{};
    std::memcpy(bytes.data(), &address, bytes.size());
    return bytes;
}

}  // namespace

bool is_public_address(const sockaddr* address) {
    if (address->sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, address, sizeof v4);
        return is_public4(ntohl(v4.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, address, sizeof v6);
        return is_public6(bytes_of(v6.sin6_addr));
    }
    return false;
}

bool is_public_address(const char* text) {
    in_addr v4{};
    if (inet_pton(AF_INET, text, &v4) == 1) return is_public4(ntohl(v4.s_addr));
    in6_addr v6{};
    if (inet_pton(AF_INET6, text, &v6) == 1) return is_public6(bytes_of(v6));
    return false;
}

}  // namespace doorbuster::curl
