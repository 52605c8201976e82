#pragma once

struct sockaddr;

namespace doorbuster::curl {

// Whether an address belongs to the open internet: not this machine, not a private, shared,
// link-local, unique-local, multicast, documentation or otherwise special network (RFC 6890 and its
// registries). Addresses that carry an IPv4 address inside (mapped, NAT64) are judged by that one;
// tunnels (6to4, Teredo) are refused. Families other than IPv4 and IPv6 are not public.
bool is_public_address(const sockaddr* address);
// The same for the text of an address; text that is no address is not public.
bool is_public_address(const char* text);

}  // namespace doorbuster::curl
