#pragma once

#include "catalog/catalog_deps.hpp"
#include "http/route.hpp"

namespace doorbuster::catalog {

// The tree for shoppers, and its management for staff with the right catalog.
http::Routes category_routes(CatalogDeps& deps);

}  // namespace doorbuster::catalog
