#include "catalog/product_routes.hpp"

#include "catalog/pages/listing_answer.hpp"
#include "http/envelope.hpp"

namespace doorbuster::catalog {
namespace {

using http::Access;
using http::Request;
using http::Response;

Task<Response> list(CatalogDeps& deps, Request& request) {
    http::Fields query = http::Fields::query(request);
    const ListingRequest asked = read_listing(query);
    if (auto bad = query.check(); bad.has_error()) co_return http::failure(request, bad.error());

    const auto list_in = [&deps, &asked](sql::Reader& reader) {
        return run_listing(reader, deps.categories, asked, Audience::shopper);
    };
    const Listing listing = co_await deps.database.read(list_in);
    const PromotionLookup* const promotions = deps.product_pages.promotions();
    co_return listing_answer(request, asked, listing, Audience::shopper, promotions);
}

}  // namespace

http::Routes product_routes(CatalogDeps& deps) {
    const http::HybridHandler page{
        [&deps](Request& r) { return deps.product_pages.answer_at_once(r); },
        [&deps](Request& r) { return deps.product_pages.answer(r); }};
    const http::AsyncHandler listing = [&deps](Request& r) { return list(deps, r); };
    using http::Method;
    return {
        {Method::get, "/api/v1/products", Access::anyone(), listing},
        {Method::get, "/api/v1/products/{id}", Access::anyone(), page}};
}

}  // namespace doorbuster::catalog
