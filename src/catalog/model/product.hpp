#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"
#include "core/result.hpp"

namespace doorbuster::catalog {

inline constexpr std::size_t kOptionsMax = 3;
inline constexpr std::size_t kSkusMax = 250;
inline constexpr std::size_t kImagesMax = 50;
inline constexpr std::size_t kTagsMax = 100;
// In characters.
inline constexpr std::size_t kTitleMax = 255;
inline constexpr std::size_t kShortTextMax = 255;  // handle, vendor, type, tag, option, SKU code, …
inline constexpr std::size_t kBodyMax = 100'000;
inline constexpr Money kPriceMax = Money::fen(100'000'000'00);
inline constexpr std::int64_t kGramsMax = 1'000'000'000;
inline constexpr std::int64_t kInitialStockMax = 1'000'000'000;

enum class ProductStatus { draft, active, archived };
std::string_view to_string(ProductStatus status);
// Reads what the database and the API say; any other word is a draft.
ProductStatus product_status(std::string_view word);

// One value per option of the product, empty beyond them: {"Red", "XL", ""}.
using OptionValues = std::array<std::string, kOptionsMax>;

struct Sku {
    SkuId id;  // zero: not stored yet
    std::string code;
    OptionValues options;
    Money price;
    std::optional<Money> compare_at_price;
    std::int64_t grams = 0;
    std::string barcode;
    std::optional<MediaId> image;

    friend bool operator==(const Sku&, const Sku&) = default;
};

struct ProductImage {
    MediaId media;
    std::string alt;

    friend bool operator==(const ProductImage&, const ProductImage&) = default;
};

// Everything about a product that staff or an import decides.
struct ProductContent {
    std::string handle;  // empty: made from the title when the product is created
    std::string title;
    std::string body_html;
    std::string vendor;
    std::string product_type;
    std::vector<std::string> tags;  // without commas
    std::optional<CategoryId> category;
    std::vector<std::string> option_names;
    std::vector<ProductImage> images;  // the first one is the product's picture
    std::vector<Sku> skus;             // in the order they are shown

    friend bool operator==(const ProductContent&, const ProductContent&) = default;
};

struct Product {
    ProductId id;
    ProductContent content;  // without removed SKUs
    ProductStatus status = ProductStatus::draft;
    Money price_min;  // of its SKUs
    Money price_max;
    Time created_at;
    // Later with every change, so that it also serves as the product's version.
    Time updated_at;
};

// Whether the parts fit together: lengths and counts within the limits above, one value per option,
// no two SKUs alike, a single SKU when there are no options. Errors: kInvalidProduct with every
// fault.
Result<void> check(const ProductContent& content);

// "Ocean Blue Shirt" → "ocean-blue-shirt"; "product" when no letter or digit of ASCII is left.
std::string handle_from(std::string_view title);

// The `tags` column: "a,b,c".
std::string join_tags(const std::vector<std::string>& tags);
std::vector<std::string> split_tags(std::string_view joined);

}  // namespace doorbuster::catalog
