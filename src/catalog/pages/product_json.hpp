#pragma once

#include <boost/json/fwd.hpp>
#include <string>

#include "catalog/model/product.hpp"
#include "catalog/pages/product_listing.hpp"
#include "inventory/inventory_service.hpp"
#include "ports/sql.hpp"

namespace doorbuster::catalog {

enum class Audience { shopper, staff };

// One product of a list.
boost::json::object listed_json(const ListedProduct& product, Audience audience);

// A product as staff see it, whatever its status, with the stock of its SKUs; JSON text.
std::string admin_product_text(
    sql::Reader& reader, const inventory::InventoryService& inventory, const Product& product
);
// One SKU of it. It must be of the product.
std::string admin_sku_text(
    sql::Reader& reader,
    const inventory::InventoryService& inventory,
    const Product& product,
    SkuId sku
);

// What a client sends back to show which state it has seen.
std::string version_of(const Product& product);

}  // namespace doorbuster::catalog
