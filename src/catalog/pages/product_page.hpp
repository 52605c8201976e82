#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cache/generations.hpp"
#include "catalog/model/category.hpp"
#include "catalog/model/product.hpp"
#include "ports/sql.hpp"

namespace doorbuster::catalog {

using Availability = std::unordered_map<SkuId, std::int64_t>;

// Everything that a shopper's product page is made from.
struct PageContent {
    Product product;
    std::vector<Category> path;  // from the root to its category; empty without one
    std::unordered_map<MediaId, std::string> images;  // addresses
    Availability availability;
};

// Nothing unless the product is active.
std::optional<PageContent> read_page(sql::Reader& reader, ProductId id);
Availability read_availability(sql::Reader& reader, ProductId id);

// The page as JSON text with gaps for what may not be kept: stock where another process may change
// it, and the promotion always.
class ProductPage {
public:
    enum class Stock { filled, gaps };
    ProductPage(const PageContent& content, Stock stock);

    // `stock` is looked at only when the page has gaps for it.
    std::string text(const Availability& stock, std::string_view promotion_json) const;
    // The whole text without a promotion, and its tag; only for a page without gaps.
    const std::string& plain_text() const { return text_; }
    const std::string& plain_etag() const { return etag_; }

    // What it was made from.
    const std::vector<cache::Tag>& tags() const { return tags_; }
    std::size_t bytes() const { return text_.size() + gaps_.size() * sizeof(Gap) + 512; }

private:
    struct Gap {
        std::size_t at;
        SkuId sku;
    };

    std::string text_;  // ends in `"promotion":null}`
    std::string etag_;
    std::vector<Gap> gaps_;
    std::vector<cache::Tag> tags_;
};

// Weak, because the envelope around the data differs with every request: W/"1f…".
std::string weak_etag(std::string_view data);

}  // namespace doorbuster::catalog
