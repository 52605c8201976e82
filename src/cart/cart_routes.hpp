#pragma once

#include "cart/cart_service.hpp"
#include "core/random.hpp"
#include "http/route.hpp"
#include "ports/database.hpp"

namespace doorbuster::cart {

struct CartRoutesDeps {
    sql::Database& database;
    const CartService& carts;
    const Clock& clock;
    Random& random;
};

// `/api/v1/cart…`, for signed-in shoppers and guests. Every answer but an error is the whole cart.
// `deps` must outlive the routes.
http::Routes cart_routes(CartRoutesDeps& deps);

}  // namespace doorbuster::cart
