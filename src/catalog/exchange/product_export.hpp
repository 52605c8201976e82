#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "catalog/exchange/csv_writer.hpp"
#include "catalog/store/category_service.hpp"
#include "catalog/store/product_service.hpp"
#include "inventory/inventory_service.hpp"
#include "ports/database.hpp"

namespace doorbuster::catalog {

// Writes all products as Shopify's product CSV, as ProductImport reads it: exporting, importing
// into an empty shop and exporting again gives the same bytes. SKUs off offer, hidden marks of
// categories and categories without products are not in the format; an uploaded picture is named by
// its address, so its file must be carried over beside the CSV.
//
// Values are written as they are, also those that a spreadsheet takes for a formula ("=1+1"): a
// mark before them would be loaded as part of the value, and who can write such a value is staff of
// the shop. Whoever opens the file in a spreadsheet should import its columns as text.
//
// Products are read page by page, each page at one moment: one that changes meanwhile is written as
// it was or as it is, never half. Use from a thread that may block.
class ProductExport {
public:
    static constexpr std::int64_t kPageSize = 50;

    struct Services {
        const ProductService& products;
        const CategoryService& categories;
        const inventory::InventoryService& stock;
    };
    // How many products are written so far; after every page. False: stop here.
    using Progress = std::function<bool(std::uint64_t)>;

    ProductExport(sql::Database& database, Services services)
        : database_{database}, services_{services} {}

    // Returns how many products were written. Throws when the sink or the database fails.
    std::uint64_t run(const ByteSink& sink, const Progress& progress = {}) const;

private:
    using Rows = std::vector<std::vector<std::string>>;
    struct Page {
        Rows rows;
        std::uint64_t products = 0;
        ProductId last;
    };
    Page page_after(sql::Reader& reader, ProductId after) const;

    sql::Database& database_;
    Services services_;
};

}  // namespace doorbuster::catalog
