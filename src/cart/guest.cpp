#include "cart/guest.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace doorbuster::cart {
namespace {

constexpr std::string_view kCookieAge = "2592000";  // 30 days, as long as an idle cart is kept

bool is_token(std::string_view text) {
    const auto is_alphanumeric = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    };
    return text.size() == kGuestTokenLength &&
           std::all_of(text.begin(), text.end(), is_alphanumeric);
}

std::string sha256_hex(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    std::string hex;
    for (const unsigned char byte : digest) {
        hex += kDigits[byte >> 4];
        hex += kDigits[byte & 15];
    }
    return hex;
}

}  // namespace

std::optional<Owner> guest_of(const http::Request& request) {
    std::string_view token = request.header(kGuestHeader);
    if (token.empty()) token = request.cookie(kGuestCookie);
    if (!is_token(token)) return std::nullopt;
    return Owner::guest(sha256_hex(token));
}

Visitor Visitor::of(const http::Request& request, Random& random) {
    if (request.principal) return {Owner::user(request.user()), ""};
    if (auto guest = guest_of(request)) return {std::move(*guest), ""};
    std::string token = random.token(kGuestTokenLength);
    auto owner = Owner::guest(sha256_hex(token));
    return {std::move(owner), std::move(token)};
}

void Visitor::introduce(const http::Request& request, http::Response& response) const {
    if (!is_new()) return;
    std::string cookie{kGuestCookie};
    cookie.append("=").append(new_token_);
    cookie.append("; Path=/; HttpOnly; SameSite=Lax; Max-Age=").append(kCookieAge);
    if (request.secure) cookie += "; Secure";
    response.with("Set-Cookie", std::move(cookie));
    response.with(std::string{kGuestHeader}, new_token_);
}

void merge_guest_cart(
    sql::Transaction& tx, const CartService& carts, const http::Request& request, UserId user
) {
    if (const auto guest = guest_of(request)) carts.merge(tx, *guest, Owner::user(user));
}

}  // namespace doorbuster::cart
