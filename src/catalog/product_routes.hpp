#pragma once

#include "catalog/catalog_deps.hpp"
#include "http/route.hpp"

namespace doorbuster::catalog {

// What shoppers see: the listing and the product page.
http::Routes product_routes(CatalogDeps& deps);

// Products and their publication, for staff with the right catalog.
http::Routes product_admin_routes(CatalogDeps& deps);

// Single SKUs and their stock, for staff with the right catalog.
http::Routes sku_admin_routes(CatalogDeps& deps);

}  // namespace doorbuster::catalog
