#pragma once

#include "catalog/media/media_files.hpp"
#include "catalog/media/media_service.hpp"
#include "catalog/pages/category_pages.hpp"
#include "catalog/pages/product_pages.hpp"
#include "catalog/store/category_service.hpp"
#include "catalog/store/product_service.hpp"
#include "events/audit_log.hpp"
#include "inventory/inventory_service.hpp"
#include "ports/database.hpp"

namespace doorbuster::catalog {

// What the routes of the catalog work with; it must outlive them.
struct CatalogDeps {
    sql::Database& database;
    const Clock& clock;
    const inventory::InventoryService& inventory;
    const events::AuditLog& audit;
    const CategoryService& categories;
    const ProductService& products;
    const MediaService& media;
    CategoryPages& category_pages;
    ProductPages& product_pages;
    MediaFiles& media_files;
};

}  // namespace doorbuster::catalog
