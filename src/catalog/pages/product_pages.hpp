#pragma once

#include <memory>
#include <optional>

#include "cache/near_cache.hpp"
#include "catalog/model/changes.hpp"
#include "catalog/model/promotion_lookup.hpp"
#include "catalog/pages/product_page.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "ports/database.hpp"

namespace doorbuster::catalog {

// Product pages as kept in this process. A database of our own tells of every change, so a page is
// kept with its stock until something it shows changes. With a shared database other processes
// change it too: a page is kept for at most 30 seconds and its stock is read for every answer.
// Thread-safe.
class ProductPages {
public:
    ProductPages(
        sql::Database& database,
        const CatalogChanges& changes,
        const Clock& clock,
        metrics::Registry* metrics,
        cache::NearCacheLimits limits = {}
    );

    // At start-up, before the first request. None: promotions are null.
    void set_promotions(const PromotionLookup& promotions) { promotions_ = &promotions; }
    const PromotionLookup* promotions() const { return promotions_; }

    // GET /api/v1/products/{id}: from memory, or nothing when the database must be asked.
    std::optional<http::Response> answer_at_once(const http::Request& request);
    Task<http::Response> answer(const http::Request& request);

private:
    using Pointer = std::shared_ptr<const ProductPage>;
    struct Loaded {
        Pointer page;  // null: there is no such product for a shopper
        Availability stock;
    };

    using Moment = cache::Generations::Moment;
    Loaded load(sql::Reader& reader, ProductId id, Moment moment);
    http::Response render(
        const http::Request& request,
        ProductId id,
        const ProductPage& page,
        const Availability& stock
    ) const;

    sql::Database& database_;
    const bool shared_;
    const PromotionLookup* promotions_ = nullptr;
    cache::NearCache<ProductId, ProductPage> pages_;
};

}  // namespace doorbuster::catalog
