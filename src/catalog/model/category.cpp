#include "catalog/model/category.hpp"

#include <algorithm>
#include <tuple>

namespace doorbuster::catalog {
namespace {

using Siblings = std::unordered_map<CategoryId, std::vector<Category>>;

// Roots are the siblings below no one.
constexpr CategoryId kNoParent{0};

Siblings by_parent(std::vector<Category> categories) {
    std::ranges::sort(categories, {}, [](const Category& c) {
        return std::tuple{c.position, c.id};
    });
    Siblings siblings;
    for (Category& category : categories) {
        siblings[category.parent.value_or(kNoParent)].push_back(std::move(category));
    }
    return siblings;
}

void append_below(
    CategoryId parent,
    std::size_t depth,
    bool visible,
    Siblings& siblings,
    std::vector<CategoryTree::Node>& nodes
) {
    const auto found = siblings.find(parent);
    if (found == siblings.end()) return;
    for (Category& category : found->second) {
        const CategoryId id = category.id;
        const std::size_t at = nodes.size();
        const bool seen = visible && !category.hidden;
        nodes.push_back({std::move(category), depth, 0, seen});
        append_below(id, depth + 1, seen, siblings, nodes);
        nodes[at].end = nodes.size();
    }
}

}  // namespace

CategoryTree::CategoryTree(std::vector<Category> categories) {
    Siblings siblings = by_parent(std::move(categories));
    append_below(kNoParent, 1, true, siblings, nodes_);
    for (std::size_t i = 0; i < nodes_.size(); ++i) index_.emplace(nodes_[i].category.id, i);
}

const CategoryTree::Node* CategoryTree::find(CategoryId id) const {
    const auto found = index_.find(id);
    return found == index_.end() ? nullptr : &nodes_[found->second];
}

std::span<const CategoryTree::Node> CategoryTree::subtree(CategoryId id) const {
    const auto found = index_.find(id);
    if (found == index_.end()) return {};
    const std::size_t end = nodes_[found->second].end;
    return std::span{nodes_}.subspan(found->second, end - found->second);
}

std::vector<CategoryId> CategoryTree::with_descendants(CategoryId id) const {
    std::vector<CategoryId> ids;
    for (const Node& node : subtree(id)) ids.push_back(node.category.id);
    return ids;
}

std::vector<CategoryId> CategoryTree::visible_with_descendants(CategoryId id) const {
    std::vector<CategoryId> ids;
    for (const Node& node : subtree(id)) {
        if (node.visible) ids.push_back(node.category.id);
    }
    return ids;
}

std::vector<const Category*> CategoryTree::path_to(CategoryId id) const {
    std::vector<const Category*> path;
    for (const Node* node = find(id); node != nullptr;) {
        path.push_back(&node->category);
        node = node->category.parent ? find(*node->category.parent) : nullptr;
    }
    std::ranges::reverse(path);
    return path;
}

std::vector<const Category*> CategoryTree::children(std::optional<CategoryId> parent) const {
    std::vector<const Category*> found;
    for (const Node& node : nodes_) {
        if (node.category.parent == parent) found.push_back(&node.category);
    }
    return found;
}

std::size_t CategoryTree::height(CategoryId id) const {
    const auto below = subtree(id);
    if (below.empty()) return 0;
    const auto deepest = std::ranges::max_element(below, {}, &Node::depth);
    return deepest->depth - below.front().depth + 1;
}

bool CategoryTree::is_below(CategoryId id, CategoryId ancestor) const {
    return std::ranges::any_of(subtree(ancestor), [&](const Node& node) {
        return node.category.id == id;
    });
}

}  // namespace doorbuster::catalog
