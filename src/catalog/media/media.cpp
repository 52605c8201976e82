#include "catalog/media/media.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace doorbuster::catalog {
namespace {

using namespace std::literals;

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kTypes{
    {{"image/jpeg"sv, ".jpg"sv}, {"image/png"sv, ".png"sv}, {"image/webp"sv, ".webp"sv}}};

constexpr std::size_t kUrlBytesMax = 2'000;

bool plain(char c) {
    constexpr std::string_view kNever = "\"'<>\\`";
    return c > 0x20 && c < 0x7f && kNever.find(c) == std::string_view::npos;
}

}  // namespace

std::string_view extension_of(std::string_view content_type) {
    for (const auto& [type, extension] : kTypes) {
        if (type == content_type) return extension;
    }
    return {};
}

std::string_view content_type_of(std::string_view extension) {
    for (const auto& [type, known] : kTypes) {
        if (known == extension) return type;
    }
    return {};
}

std::string media_address(
    std::string_view sha256, std::string_view content_type, std::string_view url
) {
    if (sha256.empty()) return std::string{url};
    std::string address = "/media/";
    address.append(sha256).append(extension_of(content_type));
    return address;
}

std::string Media::address() const { return media_address(sha256, content_type, url); }

bool valid_media_url(std::string_view url) {
    if (url.size() > kUrlBytesMax || !std::ranges::all_of(url, plain)) return false;
    // "//host" would leave this server under the guise of a path.
    if (url.starts_with('/')) return url.size() > 1 && url[1] != '/';
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!url.starts_with(scheme)) continue;
        const std::string_view rest = url.substr(scheme.size());
        return !rest.empty() && rest.front() != '/' && rest.front() != '?' && rest.front() != '#';
    }
    return false;
}

}  // namespace doorbuster::catalog
