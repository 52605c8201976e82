#include "http/client_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "http/text.hpp"

namespace doorbuster::http {

namespace {

// What the last header line of a name says last: proxies append.
std::string_view last_header(const Request& request, std::string_view name) {
    std::string_view last;
    for (const Request::Header& header : request.headers) {
        if (equal_ignoring_case(header.name, name)) last = header.value;
    }
    return last;
}

}  // namespace

std::optional<IpBytes> parse_ip(std::string_view text) {
    const std::string name{text};
    if (name.find('\0') != std::string::npos) return std::nullopt;  // where inet_pton would stop
    IpBytes bytes{};
    if (inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1) return bytes;
    bytes[10] = bytes[11] = 0xFF;
    if (inet_pton(AF_INET, name.c_str(), bytes.data() + 12) == 1) return bytes;
    return std::nullopt;
}

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
    const auto slash = text.find('/');
    const std::string_view address = text.substr(0, slash);
    const auto bytes = parse_ip(address);
    if (!bytes) return std::nullopt;
    AddressRange range;
    range.network_ = *bytes;
    if (slash == std::string_view::npos) return range;
    const std::string_view digits = text.substr(slash + 1);
    const unsigned width = address.find(':') == std::string_view::npos ? 32 : 128;
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc{} || end != digits.data() + digits.size() || bits > width) {
        return std::nullopt;
    }
    range.bits_ = bits + (128 - width);
    return range;
}

bool AddressRange::contains(const IpBytes& address) const {
    const std::size_t whole = bits_ / 8;
    if (!std::equal(
            address.begin(), address.begin() + static_cast<std::ptrdiff_t>(whole), network_.begin()
        )) {
        return false;
    }
    if (bits_ % 8 == 0) return true;
    const unsigned mask = 0xFFu << (8 - bits_ % 8);
    return (address[whole] & mask) == (network_[whole] & mask);
}

Networks::Networks(const std::vector<std::string>& networks) {
    for (const std::string& network : networks) {
        const auto range = AddressRange::parse(network);
        if (!range) throw std::invalid_argument{"\"" + network + "\" is not a network (CIDR)"};
        ranges_.push_back(*range);
    }
}

bool Networks::contain(const IpBytes& address) const {
    return std::any_of(ranges_.begin(), ranges_.end(), [&](const AddressRange& range) {
        return range.contains(address);
    });
}

bool Networks::contain(std::string_view address) const {
    const auto bytes = parse_ip(address);
    return bytes && contain(*bytes);
}

bool TrustedProxies::trusts(std::string_view address) const {
    return !networks_.empty() && networks_.contain(address);
}

std::string_view TrustedProxies::client_of(const Request& request, std::string_view peer) const {
    std::string_view client = peer;
    for (auto header = request.headers.rbegin(); header != request.headers.rend(); ++header) {
        if (!equal_ignoring_case(header->name, "x-forwarded-for")) continue;
        std::string_view left = header->value;
        while (true) {
            const auto comma = left.rfind(',');
            const auto entry =
                trim_blanks(comma == std::string_view::npos ? left : left.substr(comma + 1));
            const auto bytes = parse_ip(entry);
            if (!bytes) return client;
            client = entry;
            if (!networks_.contain(*bytes)) return client;
            if (comma == std::string_view::npos) break;
            left = left.substr(0, comma);
        }
    }
    return client;
}

bool forwarded_as_https(const Request& request) {
    const std::string_view protocols = last_header(request, "x-forwarded-proto");
    const auto comma = protocols.rfind(',');
    const auto nearest = comma == std::string_view::npos ? protocols : protocols.substr(comma + 1);
    return equal_ignoring_case(trim_blanks(nearest), "https");
}

}  // namespace doorbuster::http
