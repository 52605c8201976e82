#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/ids.hpp"

namespace doorbuster::catalog {

// A picture: a file in the media folder, named by its SHA-256, or an address elsewhere.
struct Media {
    MediaId id;
    std::string sha256;  // hex; empty for an address elsewhere
    std::string content_type;
    std::int64_t byte_count = 0;
    std::string url;  // empty for a file of ours

    // Where a browser finds it: "/media/<sha256>.png", or the address elsewhere.
    std::string address() const;
};

// ".jpg", ".png" or ".webp"; empty for a type that is never stored.
std::string_view extension_of(std::string_view content_type);
// The reverse: "image/png" for ".png".
std::string_view content_type_of(std::string_view extension);

std::string media_address(
    std::string_view sha256, std::string_view content_type, std::string_view url
);

// http:// or https:// with a host, or a path on this server ("/demo/a.svg"), of at most 2,000 bytes
// of printable ASCII without quotes, backslashes and angle brackets.
bool valid_media_url(std::string_view url);

}  // namespace doorbuster::catalog
