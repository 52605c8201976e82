#pragma once

#include "flash_sale/edge/captcha.hpp"
#include "flash_sale/edge/entrance.hpp"
#include "flash_sale/edge/promo_vo.hpp"
#include "flash_sale/edge/token.hpp"
#include "flash_sale/engine/order_desk.hpp"
#include "http/route.hpp"

namespace doorbuster::flash_sale {

struct ShopperRoutesDeps {
    const Entrance& entrance;
    Captchas& captchas;
    const TokenSigner& tokens;
    StockGate& gate;
    OrderDesk& desk;
    const PromoViews& views;
    const SaleClock& sale_clock;
    Random& random;
    Milliseconds lease;  // of the door; a token lasts as long
};

// `/api/v1/promotions` for anyone, and the way to an order under `/api/v1/flash-sales/{item}` for
// signed-in shoppers: captcha, token, order. `deps` must outlive the routes.
http::Routes shopper_routes(ShopperRoutesDeps& deps);

// The answer to an order that is placed, by whichever way: 201.
http::Response placed_response(const http::Request& request, const PlacedOrder& order);

// Its parts.
http::Routes captcha_routes(ShopperRoutesDeps& deps);
http::Routes token_routes(ShopperRoutesDeps& deps);
http::Routes flash_order_routes(ShopperRoutesDeps& deps);

}  // namespace doorbuster::flash_sale
