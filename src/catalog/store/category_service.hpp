#pragma once

#include <optional>
#include <span>
#include <string>

#include "catalog/model/category.hpp"
#include "catalog/model/changes.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "ports/sql.hpp"

namespace doorbuster::catalog {

// The category tree. All functions run in a caller's transaction or snapshot; writes wait for each
// other (lock_catalog), so that the rules below hold under any concurrency. Thread-safe.
// Rules: no circles, at most kCategoryDepthMax levels and kCategoriesMax categories, siblings have
// different names.
class CategoryService {
public:
    struct Changes {
        std::optional<std::string> name;
        std::optional<bool> hidden;
    };

    CategoryService(const Clock& clock, CatalogChanges& changes)
        : clock_{clock}, changes_{changes} {}

    CategoryTree tree(sql::Reader& reader) const;

    // Puts a new category last among its siblings.
    // Errors: kUnknownReference (parent), kCategoryNameTaken, kCategoryTooDeep, kTooManyCategories.
    Result<CategoryId> create(
        sql::Transaction& tx,
        std::optional<CategoryId> parent,
        const std::string& name,
        bool hidden = false
    ) const;

    // Errors: kCategoryNotFound, kCategoryNameTaken.
    Result<void> update(sql::Transaction& tx, CategoryId id, const Changes& changes) const;

    // Hangs a category below `parent` (none: at the root) as sibling number `position` from 0; none
    // or too large: last. The same parent only reorders.
    // Errors: kCategoryNotFound, kUnknownReference (parent), kCategoryCircle, kCategoryTooDeep,
    // kCategoryNameTaken.
    Result<void> move(
        sql::Transaction& tx,
        CategoryId id,
        std::optional<CategoryId> parent,
        std::optional<std::size_t> position
    ) const;

    // Errors: kCategoryNotFound, kCategoryNotEmpty.
    Result<void> remove(sql::Transaction& tx, CategoryId id) const;

    // The category at a path of names from the root; what is missing is created.
    // Errors: kCategoryTooDeep, kTooManyCategories.
    Result<CategoryId> find_or_create(sql::Transaction& tx, std::span<const std::string> path)
        const;

private:
    Result<CategoryId> insert(
        sql::Transaction& tx,
        const CategoryTree& tree,
        std::optional<CategoryId> parent,
        const std::string& name,
        bool hidden
    ) const;

    const Clock& clock_;
    CatalogChanges& changes_;
};

}  // namespace doorbuster::catalog
