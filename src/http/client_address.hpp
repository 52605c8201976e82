#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.hpp"

namespace doorbuster::http {

// An IPv4 or IPv6 address; IPv4 is kept as the IPv6 address that maps it.
using IpBytes = std::array<std::uint8_t, 16>;
std::optional<IpBytes> parse_ip(std::string_view text);

// A network such as "10.0.0.0/8", "fd00::/8", or one address.
class AddressRange {
public:
    static std::optional<AddressRange> parse(std::string_view text);
    bool contains(const IpBytes& address) const;

private:
    IpBytes network_{};
    unsigned bits_ = 128;
};

// A list of networks.
class Networks {
public:
    Networks() = default;
    // Throws std::invalid_argument, naming the entry, when one is no network.
    explicit Networks(const std::vector<std::string>& networks);

    bool empty() const { return ranges_.empty(); }
    bool contain(const IpBytes& address) const;
    // False for what is no address.
    bool contain(std::string_view address) const;

private:
    std::vector<AddressRange> ranges_;
};

// The proxies whose word about the client is believed.
class TrustedProxies {
public:
    TrustedProxies() = default;
    // Throws std::invalid_argument, naming the entry, when one is no network.
    explicit TrustedProxies(const std::vector<std::string>& networks) : networks_{networks} {}

    bool trusts(std::string_view address) const;
    // The client that a trusted proxy speaks for: of X-Forwarded-For, the last address that is not
    // a trusted proxy itself. What stands left of it can be forged and is not looked at.
    std::string_view client_of(const Request& request, std::string_view peer) const;

private:
    Networks networks_;
};

// Whether X-Forwarded-Proto, as the nearest proxy wrote it, says https.
bool forwarded_as_https(const Request& request);

}  // namespace doorbuster::http
