#pragma once

#include <optional>

#include "catalog/model/category.hpp"
#include "catalog/pages/listing_query.hpp"
#include "http/fields.hpp"

namespace doorbuster::catalog {

// A listing's query as it was sent. The category becomes a set of categories inside the snapshot
// that answers it.
struct ListingRequest {
    ListingFilter filter;
    std::optional<CategoryId> category;
    http::Page page;
};

inline constexpr std::size_t kSearchMax = 100;  // characters

// `category_id`, `q`, `min_price`, `max_price`, `in_stock`, `sort`, `page`, `page_size`; only
// active products. Without `sort`: by relevance when there is a `q`, else newest first.
ListingRequest read_listing(http::Fields& query);
// The same for staff: any status unless `status` names one, `sku` for an exact code, and `sort` may
// be `updated`.
ListingRequest read_admin_listing(http::Fields& query);

}  // namespace doorbuster::catalog
