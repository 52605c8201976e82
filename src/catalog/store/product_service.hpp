#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/model/changes.hpp"
#include "catalog/model/product.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "ports/sql.hpp"

namespace doorbuster::catalog {

// Products and their SKUs. All functions run in a caller's transaction or snapshot; writes wait for
// each other (lock_catalog). Thread-safe. After every write: price_min and price_max are those of
// the SKUs on offer, body_html is sanitised, body_text is its text, and updated_at is later than
// before. Stock is inventory's: a new SKU has none until it is granted.
class ProductService {
public:
    ProductService(const Clock& clock, CatalogChanges& changes)
        : clock_{clock}, changes_{changes} {}

    std::optional<Product> find(sql::Reader& reader, ProductId id) const;
    std::optional<Product> find_by_handle(sql::Reader& reader, std::string_view handle) const;
    // The product that a SKU on offer belongs to.
    std::optional<ProductId> product_of(sql::Reader& reader, SkuId sku) const;

    // A new draft. Ids of SKUs must be zero.
    // Errors: kInvalidProduct, kUnknownReference, kHandleTaken, kSkuCodeTaken.
    Result<ProductId> create(sql::Transaction& tx, ProductContent content) const;

    // Makes the product what `content` says. A SKU is recognised by its id or, with a zero id, by
    // its option values; SKUs that `content` does not list are removed: no longer offered, kept for
    // the orders that hold them. `expected` is the updated_at that the caller has seen. False:
    // nothing was different, and nothing was written.
    // Errors: as create, kProductNotFound, kProductChanged, kSkuNotFound.
    Result<bool> update(
        sql::Transaction& tx,
        ProductId id,
        ProductContent content,
        std::optional<Time> expected = std::nullopt
    ) const;

    // Publishes (active), unpublishes (draft) or archives. Errors: kProductNotFound,
    // kProductChanged, kNothingToSell.
    Result<void> set_status(
        sql::Transaction& tx,
        ProductId id,
        ProductStatus status,
        std::optional<Time> expected = std::nullopt
    ) const;

private:
    Result<Product> load_for_change(
        sql::Transaction& tx, ProductId id, std::optional<Time> expected
    ) const;

    const Clock& clock_;
    CatalogChanges& changes_;
};

}  // namespace doorbuster::catalog
