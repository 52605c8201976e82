#include "flash_sale/edge/shopper_routes.hpp"

#include "flash_sale/model/errors.hpp"
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

Task<Result<void>> check_visitor(
    ShopperRoutesDeps& deps, const Entrance::Visit& visit, UserId user
) {
    if (!visit.item) co_return kItemNotFound;
    if (!visit.item->shadow) co_return Result<void>{};
    const bool is_buyer = co_await deps.rehearsal_buyers.has(user);
    co_return is_buyer ? Result<void>{} : Result<void>{kItemNotFound};
}

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
