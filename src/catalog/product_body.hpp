#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "catalog/model/product.hpp"
#include "http/fields.hpp"
#include "http/request.hpp"

namespace doorbuster::catalog {

// A SKU as a body describes it; what is absent stays as it is.
struct SkuBody {
    std::optional<SkuId> id;
    std::optional<std::string> code;
    std::optional<std::vector<std::string>> options;
    std::optional<Money> price;
    std::optional<std::optional<Money>> compare_at_price;
    std::optional<std::int64_t> grams;
    std::optional<std::string> barcode;
    std::optional<std::optional<MediaId>> image;
    std::int64_t initial_stock = 0;  // granted if the SKU is new, else ignored

    void apply_to(Sku& sku) const;
};

// A product as a body describes it; what is absent stays as it is.
struct ProductBody {
    std::optional<std::string> handle;
    std::optional<std::string> title;
    std::optional<std::string> body_html;
    std::optional<std::string> vendor;
    std::optional<std::string> product_type;
    std::optional<std::vector<std::string>> tags;
    std::optional<std::optional<CategoryId>> category;
    std::optional<std::vector<std::string>> option_names;
    std::optional<std::vector<ProductImage>> images;
    std::optional<std::vector<SkuBody>> skus;  // all of them: one that is missing is removed

    void apply_to(ProductContent& content) const;
};

enum class BodyKind {
    whole,  // POST and PUT: a title is required, what is absent is empty
    patch,
};
ProductBody read_product_body(http::Fields& fields, BodyKind kind);
SkuBody read_sku_body(http::Fields& fields, BodyKind kind);

// The version a client has seen: `version` of the body or, without it, If-Match ("*" matches all).
std::optional<Time> read_version(http::Fields& fields, const http::Request& request);

}  // namespace doorbuster::catalog
