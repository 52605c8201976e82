#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>

#include "core/ids.hpp"
#include "core/money.hpp"
#include "ports/sql.hpp"

namespace doorbuster::catalog {

// What carts and orders need to know of a SKU at this moment.
struct Offer {
    SkuId sku;
    ProductId product;
    std::string title;
    std::string options;  // "Red / XL"; empty for a product without options
    std::string sku_code;
    std::string image;  // address of the picture; may be empty
    Money price;
    bool on_sale = false;  // the product is published and the SKU not removed
};

// Finds offers, on sale or not; SKUs that never existed are absent. Inside a caller's snapshot or
// transaction: an order reads prices in the transaction that copies them.
std::unordered_map<SkuId, Offer> find_offers(sql::Reader& reader, std::span<const SkuId> skus);

}  // namespace doorbuster::catalog
