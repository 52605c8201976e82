#include "catalog/catalog.hpp"

#include <algorithm>
#include <iterator>

#include "catalog/category_routes.hpp"
#include "catalog/media_routes.hpp"
#include "catalog/product_routes.hpp"

namespace doorbuster::catalog {

Catalog::Catalog(
    sql::Database& database,
    const Clock& clock,
    Random& random,
    const inventory::InventoryService& inventory,
    const events::AuditLog& audit,
    metrics::Registry* metrics,
    const Config& config
)
    : categories{clock, changes},
      products{clock, changes},
      media{clock},
      category_pages{database, categories, changes, clock, metrics},
      product_pages{database, changes, clock, metrics, config.product_pages},
      media_files{config.media_folder, random, clock, metrics, config.media_cache_bytes},
      deps_{
          database,
          clock,
          inventory,
          audit,
          categories,
          products,
          media,
          category_pages,
          product_pages,
          media_files} {}

http::Routes Catalog::routes() {
    http::Routes all;
    for (auto make :
         {category_routes, product_routes, product_admin_routes, sku_admin_routes, media_routes}) {
        http::Routes routes = make(deps_);
        std::ranges::move(routes, std::back_inserter(all));
    }
    return all;
}

}  // namespace doorbuster::catalog
