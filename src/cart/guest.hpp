#pragma once

#include <optional>
#include <string>

#include "cart/cart_service.hpp"
#include "core/random.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

// A shopper without an account is known by a random token that only the shopper holds: browsers
// keep it in an HttpOnly cookie, apps send it as a header. The database has its SHA-256 alone.
namespace doorbuster::cart {

inline constexpr std::string_view kGuestCookie = "db_guest";
inline constexpr std::string_view kGuestHeader = "X-Guest-Token";
// Letters and digits; 43 of 62 kinds are 256 bits.
inline constexpr std::size_t kGuestTokenLength = 43;

// The guest's cart that the request names, if it carries a well-formed token.
std::optional<Owner> guest_of(const http::Request& request);

// Who writes to a cart: the signed-in user, the guest of the request, or a new guest, who is told
// the token with the answer.
class Visitor {
public:
    static Visitor of(const http::Request& request, Random& random);

    const Owner& owner() const { return owner_; }
    bool is_new() const { return !new_token_.empty(); }
    // Adds the new guest's cookie and header.
    void introduce(const http::Request& request, http::Response& response) const;

private:
    Visitor(Owner owner, std::string new_token)
        : owner_{std::move(owner)}, new_token_{std::move(new_token)} {}
    Owner owner_;
    std::string new_token_;
};

// For the log-in, inside its transaction: what `request`'s guest had in the cart is the user's now.
void merge_guest_cart(
    sql::Transaction& tx, const CartService& carts, const http::Request& request, UserId user
);

}  // namespace doorbuster::cart
