#pragma once

#include <span>

#include "cache/generations.hpp"
#include "core/ids.hpp"
#include "inventory/stock_observer.hpp"
#include "ports/sql.hpp"

namespace doorbuster::catalog {

// What cached answers of the catalog are made from.
cache::Tag product_tag(ProductId product);
cache::Tag category_tag(CategoryId category);
cache::Tag stock_tag(SkuId sku);
cache::Tag tree_tag();

// Outdates cached answers when a transaction that changed what they are made from has committed.
// Every write of the catalog goes through here, and inventory tells it of stock. Thread-safe; one
// per process.
class CatalogChanges final : public inventory::StockObserver {
public:
    void product_changed(sql::Transaction& tx, ProductId product);
    // Its name, place or visibility: this also changes the tree.
    void category_changed(sql::Transaction& tx, CategoryId category);
    void stock_changed(sql::Transaction& tx, std::span<const SkuId> skus) override;

    const cache::Generations& generations() const { return generations_; }

private:
    cache::Generations generations_;
};

}  // namespace doorbuster::catalog
