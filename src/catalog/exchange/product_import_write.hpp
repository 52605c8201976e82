#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/exchange/product_import_rows.hpp"
#include "catalog/media/media_service.hpp"
#include "catalog/store/category_service.hpp"
#include "catalog/store/product_service.hpp"
#include "inventory/inventory_service.hpp"
#include "ports/sql.hpp"

// How one product of a file becomes the shop's, inside a transaction. Part of product_import.hpp.
namespace doorbuster::catalog {

// What a product has that the rows of the file did not name.
struct Leftover {
    std::vector<SkuId> skus;
    std::vector<MediaId> images;

    bool empty() const { return skus.empty() && images.empty(); }
};

enum class ImportOutcome { created, updated, unchanged, failed };

struct ImportedProduct {
    ImportOutcome outcome = ImportOutcome::unchanged;
    Leftover leftover;  // still there, and not named by these rows
};

// Thread-safe. Everything is compared first: what is already so is not written.
class ProductImportWriter {
public:
    struct Services {
        const ProductService& products;
        const CategoryService& categories;
        const MediaService& media;
        const inventory::InventoryService& stock;
    };

    ProductImportWriter(Services services, ColumnMap columns, std::optional<UserId> actor)
        : services_{services}, columns_{std::move(columns)}, actor_{actor} {}

    // Creates the product or brings it to the rows' state. SKUs and pictures beyond them stay for
    // now, unless the product's options themselves are different.
    // Errors: those of ProductService, CategoryService and InventoryService.
    Result<ImportedProduct> apply(sql::Transaction& tx, const FileProduct& file) const;

    // Removes what is left over. False: it was gone already. Errors: as ProductService::update.
    Result<bool> remove(sql::Transaction& tx, const std::string& handle, const Leftover& leftover)
        const;

private:
    Result<ImportedProduct> create(sql::Transaction& tx, const FileProduct& file) const;
    Result<ImportedProduct> update(
        sql::Transaction& tx, const FileProduct& file, const Product& stored
    ) const;
    Result<void> fill_product(
        sql::Transaction& tx, const FileProduct& file, ProductContent& content
    ) const;
    // The two tell what of `stored` the rows do not name.
    Leftover fill_skus(
        sql::Transaction& tx,
        const FileProduct& file,
        const std::vector<Sku>& stored,
        ProductContent& content
    ) const;
    Leftover fill_images(
        sql::Transaction& tx,
        const FileProduct& file,
        const std::vector<ProductImage>& stored,
        ProductContent& content
    ) const;
    MediaId media_id(sql::Transaction& tx, const std::string& url) const;
    Sku merged(sql::Transaction& tx, const FileSku& file, const Sku* stored) const;
    std::vector<const Sku*> recognise(
        const std::vector<FileSku>& rows, const std::vector<Sku>& stored
    ) const;
    Result<bool> set_stock(sql::Transaction& tx, const FileProduct& file, ProductId product) const;

    Services services_;
    ColumnMap columns_;
    std::optional<UserId> actor_;
};

// What the services refused, told of the rows at fault; at least one, at most one for each row.
std::vector<RowError> row_errors(const FileProduct& file, const Error& error);

}  // namespace doorbuster::catalog
