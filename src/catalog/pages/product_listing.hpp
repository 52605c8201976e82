#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "catalog/model/product.hpp"
#include "catalog/pages/listing_query.hpp"
#include "ports/sql.hpp"

namespace doorbuster::catalog {

// A product as a list shows it.
struct ListedProduct {
    ProductId id;
    std::string title;
    std::string handle;
    std::string vendor;
    std::optional<CategoryId> category;
    ProductStatus status = ProductStatus::draft;
    Money price_min;
    Money price_max;
    std::string image;  // address; may be empty
    bool in_stock = false;
    Time created_at;
    Time updated_at;
};

struct Listing {
    std::vector<ListedProduct> products;
    std::int64_t total = 0;  // on all pages
};

Listing list_products(sql::Reader& reader, const ListingFilter& filter);

}  // namespace doorbuster::catalog
