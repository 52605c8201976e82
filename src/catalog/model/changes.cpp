#include "catalog/model/changes.hpp"

#include <vector>

namespace doorbuster::catalog {

cache::Tag product_tag(ProductId product) { return cache::make_tag(1, product.value()); }
cache::Tag category_tag(CategoryId category) { return cache::make_tag(2, category.value()); }
cache::Tag stock_tag(SkuId sku) { return cache::make_tag(3, sku.value()); }
cache::Tag tree_tag() { return cache::make_tag(4, 0); }

void CatalogChanges::product_changed(sql::Transaction& tx, ProductId product) {
    tx.after_commit([this, product] { generations_.changed(product_tag(product)); });
}

void CatalogChanges::category_changed(sql::Transaction& tx, CategoryId category) {
    tx.after_commit([this, category] {
        generations_.changed(category_tag(category));
        generations_.changed(tree_tag());
    });
}

void CatalogChanges::stock_changed(sql::Transaction& tx, std::span<const SkuId> skus) {
    tx.after_commit([this, changed = std::vector<SkuId>{skus.begin(), skus.end()}] {
        for (const SkuId sku : changed) generations_.changed(stock_tag(sku));
    });
}

}  // namespace doorbuster::catalog
