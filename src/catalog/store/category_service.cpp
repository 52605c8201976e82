#include "catalog/store/category_service.hpp"

#include <algorithm>

#include "catalog/model/catalog_lock.hpp"
#include "catalog/model/errors.hpp"
#include "catalog/store/sql.hpp"

namespace doorbuster::catalog {

namespace queries = store::queries;
namespace {

// The child of `parent` with this name, if any.
const Category* child_named(
    const CategoryTree& tree, std::optional<CategoryId> parent, const std::string& name
) {
    for (const Category* child : tree.children(parent)) {
        if (child->name == name) return child;
    }
    return nullptr;
}

bool name_taken(
    const CategoryTree& tree,
    std::optional<CategoryId> parent,
    const std::string& name,
    CategoryId except = {}
) {
    const Category* other = child_named(tree, parent, name);
    return other != nullptr && other->id != except;
}

std::size_t depth_below(const CategoryTree& tree, std::optional<CategoryId> parent) {
    return parent ? tree.find(*parent)->depth : 0;
}

std::int64_t last_position(const CategoryTree& tree, std::optional<CategoryId> parent) {
    const auto siblings = tree.children(parent);
    return siblings.empty() ? 0 : siblings.back()->position + 1;
}

Result<void> check_move(const CategoryTree& tree, CategoryId id, std::optional<CategoryId> parent) {
    const CategoryTree::Node* node = tree.find(id);
    if (node == nullptr) return kCategoryNotFound;
    if (parent && tree.find(*parent) == nullptr) {
        return Error{kUnknownReference, "parent_id", "there is no such category"};
    }
    if (parent && tree.is_below(*parent, id)) return kCategoryCircle;
    if (depth_below(tree, parent) + tree.height(id) > kCategoryDepthMax) return kCategoryTooDeep;
    if (name_taken(tree, parent, node->category.name, id)) return kCategoryNameTaken;
    return {};
}

}  // namespace

CategoryTree CategoryService::tree(sql::Reader& reader) const {
    return CategoryTree{reader.all(queries::list_categories, {}, [](const sql::Row& row) {
        return Category{
            row.id<CategoryId>(0),
            row.optional_id<CategoryId>(1),
            row.string(2),
            row.integer(3),
            row.boolean(4)};
    })};
}

Result<CategoryId> CategoryService::create(
    sql::Transaction& tx, std::optional<CategoryId> parent, const std::string& name, bool hidden
) const {
    lock_catalog(tx);
    return insert(tx, tree(tx), parent, name, hidden);
}

Result<CategoryId> CategoryService::insert(
    sql::Transaction& tx,
    const CategoryTree& tree,
    std::optional<CategoryId> parent,
    const std::string& name,
    bool hidden
) const {
    if (parent && tree.find(*parent) == nullptr) {
        return Error{kUnknownReference, "parent_id", "there is no such category"};
    }
    if (depth_below(tree, parent) >= kCategoryDepthMax) return kCategoryTooDeep;
    if (tree.nodes().size() >= kCategoriesMax) return kTooManyCategories;
    if (name_taken(tree, parent, name)) return kCategoryNameTaken;

    const auto id = tx.find(
        queries::insert_category,
        {parent, name, last_position(tree, parent), hidden ? 1 : 0, clock_.now()},
        [](const sql::Row& row) { return row.id<CategoryId>(0); }
    );
    changes_.category_changed(tx, *id);
    return *id;
}

Result<void> CategoryService::update(sql::Transaction& tx, CategoryId id, const Changes& changes)
    const {
    lock_catalog(tx);
    const CategoryTree before = tree(tx);
    const CategoryTree::Node* node = before.find(id);
    if (node == nullptr) return kCategoryNotFound;
    const Category& category = node->category;
    const std::string name = changes.name.value_or(category.name);
    if (name_taken(before, category.parent, name, id)) return kCategoryNameTaken;

    const bool hidden = changes.hidden.value_or(category.hidden);
    tx.execute(queries::update_category, {id, name, hidden ? 1 : 0, clock_.now()});
    changes_.category_changed(tx, id);
    return {};
}

Result<void> CategoryService::move(
    sql::Transaction& tx,
    CategoryId id,
    std::optional<CategoryId> parent,
    std::optional<std::size_t> position
) const {
    lock_catalog(tx);
    const CategoryTree before = tree(tx);
    if (auto bad = check_move(before, id, parent); bad.has_error()) return bad;

    auto siblings = before.children(parent);
    std::erase_if(siblings, [&](const Category* sibling) { return sibling->id == id; });
    const std::size_t at = std::min(position.value_or(siblings.size()), siblings.size());
    siblings.insert(siblings.begin() + static_cast<std::ptrdiff_t>(at), &before.find(id)->category);
    const Time now = clock_.now();
    for (std::size_t i = 0; i < siblings.size(); ++i) {
        const bool stays = siblings[i]->id != id && siblings[i]->position == std::int64_t(i);
        if (!stays) tx.execute(queries::place_category, {siblings[i]->id, parent, i, now});
    }
    changes_.category_changed(tx, id);
    return {};
}

Result<void> CategoryService::remove(sql::Transaction& tx, CategoryId id) const {
    lock_catalog(tx);
    const CategoryTree before = tree(tx);
    if (before.find(id) == nullptr) return kCategoryNotFound;
    if (!before.children(id).empty()) return kCategoryNotEmpty;
    const auto product = tx.find(queries::find_product_in_category, {id}, [](const sql::Row& row) {
        return row.id<ProductId>(0);
    });
    if (product) return kCategoryNotEmpty;
    tx.execute(queries::delete_category, {id});
    changes_.category_changed(tx, id);
    return {};
}

Result<CategoryId> CategoryService::find_or_create(
    sql::Transaction& tx, std::span<const std::string> path
) const {
    DOORBUSTER_ASSERT(!path.empty());
    lock_catalog(tx);
    std::optional<CategoryId> parent;
    for (const std::string& name : path) {
        const CategoryTree now = tree(tx);
        if (const Category* known = child_named(now, parent, name)) {
            parent = known->id;
            continue;
        }
        const auto made = insert(tx, now, parent, name, false);
        if (made.has_error()) return made;
        parent = *made;
    }
    return *parent;
}

}  // namespace doorbuster::catalog
