#include "catalog/pages/listing_answer.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "http/envelope.hpp"
#include "http/listing.hpp"

namespace doorbuster::catalog {
namespace {

boost::json::value promotion_of(const PromotionLookup* promotions, ProductId product) {
    if (!promotions) return nullptr;
    const std::string text = promotions->promotion_json(product);
    if (text == "null") return nullptr;  // nearly all of them
    return boost::json::parse(text);
}

}  // namespace

Listing run_listing(
    sql::Reader& reader,
    const CategoryService& categories,
    ListingRequest listing,
    Audience audience
) {
    if (listing.category) {
        const CategoryTree tree = categories.tree(reader);
        listing.filter.categories = audience == Audience::staff
                                        ? tree.with_descendants(*listing.category)
                                        : tree.visible_with_descendants(*listing.category);
    }
    return list_products(reader, listing.filter);
}

http::Response listing_answer(
    const http::Request& request,
    const ListingRequest& asked,
    const Listing& listing,
    Audience audience,
    const PromotionLookup* promotions
) {
    boost::json::array list;
    for (const ListedProduct& product : listing.products) {
        boost::json::object listed = listed_json(product, audience);
        if (audience == Audience::shopper) {
            listed["promotion"] = promotion_of(promotions, product.id);
        }
        list.push_back(std::move(listed));
    }
    return http::ok(request, http::listing_json(std::move(list), listing.total, asked.page));
}

}  // namespace doorbuster::catalog
