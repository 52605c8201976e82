#include "catalog/listing_answer.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "http/envelope.hpp"

namespace doorbuster::catalog {

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
    Audience audience
) {
    boost::json::array list;
    for (const ListedProduct& product : listing.products) {
        list.push_back(listed_json(product, audience));
    }
    const boost::json::object data{
        {"list", std::move(list)},
        {"total", listing.total},
        {"page", asked.page.page},
        {"page_size", asked.page.page_size}};
    return http::ok(request, data);
}

}  // namespace doorbuster::catalog
