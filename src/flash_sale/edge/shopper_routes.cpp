#include "flash_sale/edge/shopper_routes.hpp"

#include "http/fields.hpp"

namespace doorbuster::flash_sale {
namespace {

http::Response list(const ShopperRoutesDeps& deps, const http::Request& request) {
    http::Fields query = http::Fields::query(request);
    const http::Page page = http::page_of(query);
    if (auto bad = query.check(); bad.has_error()) return http::failure(request, bad.error());
    return http::ok_json(request, deps.views.list_json(page.page, page.page_size));
}

}  // namespace

http::Routes shopper_routes(ShopperRoutesDeps& deps) {
    const http::SyncHandler promotions = [&deps](http::Request& r) { return list(deps, r); };
    return http::joined(
        {{{http::Method::get, "/api/v1/promotions", http::Access::anyone(), promotions}},
         captcha_routes(deps),
         token_routes(deps),
         flash_order_routes(deps)}
    );
}

}  // namespace doorbuster::flash_sale
