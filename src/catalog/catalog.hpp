#pragma once

#include <filesystem>

#include "catalog/catalog_deps.hpp"
#include "core/random.hpp"
#include "http/route.hpp"

namespace doorbuster::catalog {

// The whole catalog of one process, put together. Build it once, before the first request; add
// `changes` to the inventory's observers; it must outlive the routes.
struct Catalog {
    struct Config {
        std::filesystem::path media_folder;
        cache::NearCacheLimits product_pages = {};
        std::size_t media_cache_bytes = 32 * 1024 * 1024;
    };

    // `metrics` may be null.
    Catalog(
        sql::Database& database,
        const Clock& clock,
        Random& random,
        const inventory::InventoryService& inventory,
        const events::AuditLog& audit,
        metrics::Registry* metrics,
        const Config& config
    );

    http::Routes routes();

    CatalogChanges changes;
    CategoryService categories;
    ProductService products;
    MediaService media;
    CategoryPages category_pages;
    ProductPages product_pages;
    MediaFiles media_files;

private:
    CatalogDeps deps_;
};

}  // namespace doorbuster::catalog
