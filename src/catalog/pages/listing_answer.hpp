#pragma once

#include "catalog/model/promotion_lookup.hpp"
#include "catalog/pages/listing_fields.hpp"
#include "catalog/pages/product_json.hpp"
#include "catalog/pages/product_listing.hpp"
#include "catalog/store/category_service.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "ports/sql.hpp"

namespace doorbuster::catalog {

// Runs a listing in one snapshot. A category stands for everything below it; for a shopper, hidden
// ones hold nothing.
Listing run_listing(
    sql::Reader& reader,
    const CategoryService& categories,
    ListingRequest listing,
    Audience audience
);

// {list,total,page,page_size}. For shoppers each product has its `promotion`, as its own page has
// it; without a lookup, null.
http::Response listing_answer(
    const http::Request& request,
    const ListingRequest& asked,
    const Listing& listing,
    Audience audience,
    const PromotionLookup* promotions = nullptr
);

}  // namespace doorbuster::catalog
