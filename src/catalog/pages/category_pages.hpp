#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cache/near_cache.hpp"
#include "catalog/model/changes.hpp"
#include "catalog/store/category_service.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "ports/database.hpp"

namespace doorbuster::catalog {

// The category tree as shoppers see it, as JSON text kept in this process until the tree changes;
// with a shared database for at most 30 seconds. Thread-safe.
class CategoryPages {
public:
    CategoryPages(
        sql::Database& database,
        const CategoryService& categories,
        const CatalogChanges& changes,
        const Clock& clock,
        metrics::Registry* metrics
    );

    // GET /api/v1/categories
    std::optional<http::Response> answer_at_once(const http::Request& request);
    Task<http::Response> answer(const http::Request& request);

private:
    sql::Database& database_;
    const CategoryService& categories_;
    cache::NearCache<std::int64_t, std::string> texts_;  // one entry
};

}  // namespace doorbuster::catalog
