#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/product.hpp"
#include "ports/sql.hpp"

// SQL <-> products, inside a caller's transaction. No rules: those are in ProductService.
namespace doorbuster::catalog::store {

std::optional<Product> find_product(sql::Reader& reader, ProductId id);
std::optional<ProductId> find_id_by_handle(sql::Reader& reader, std::string_view handle);

struct ProductRow {
    const ProductContent& content;
    std::string body_text;
    Money price_min;
    Money price_max;
    Time now;
};
// Nothing when the handle is taken.
std::optional<ProductId> insert_product(sql::Transaction& tx, const ProductRow& row);
void update_product(sql::Transaction& tx, ProductId id, const ProductRow& row);

void insert_images(sql::Transaction& tx, ProductId product, std::span<const ProductImage> images);
void replace_images(sql::Transaction& tx, ProductId product, std::span<const ProductImage> images);

// A SKU and its place in the product's list.
struct PlacedSku {
    const Sku* sku;
    std::int64_t position;
};
void insert_skus(
    sql::Transaction& tx, ProductId product, std::span<const PlacedSku> skus, Time now
);
void update_sku(sql::Transaction& tx, ProductId product, const PlacedSku& placed, Time now);
void remove_skus(sql::Transaction& tx, ProductId product, std::span<const SkuId> skus, Time now);

bool category_exists(sql::Reader& reader, CategoryId id);
// Which of the codes are on offer in other products.
std::vector<std::string> codes_of_other_products(
    sql::Reader& reader, const std::vector<std::string>& codes, ProductId except
);

}  // namespace doorbuster::catalog::store
