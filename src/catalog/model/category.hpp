#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/ids.hpp"

namespace doorbuster::catalog {

inline constexpr std::size_t kCategoryDepthMax = 8;
inline constexpr std::size_t kCategoriesMax = 10'000;
inline constexpr std::size_t kCategoryNameMax = 100;  // in characters

struct Category {
    CategoryId id;
    std::optional<CategoryId> parent;
    std::string name;
    std::int64_t position = 0;  // among its siblings
    bool hidden = false;
};

// All categories as they stand at one moment. A value: no I/O, cheap to ask.
class CategoryTree {
public:
    // One category and where it stands. Nodes are in the order a person reads the tree: a parent,
    // then everything below it, siblings by position.
    struct Node {
        Category category;
        std::size_t depth = 1;  // a root has 1
        std::size_t end = 0;    // index after the last node below this one
        bool visible = true;    // neither it nor any above it is hidden
    };

    CategoryTree() = default;
    // In any order. Rows that hang on no root (there are none in a sound database) are left out.
    explicit CategoryTree(std::vector<Category> categories);

    const std::vector<Node>& nodes() const { return nodes_; }
    const Node* find(CategoryId id) const;
    // The category and everything below it; empty when there is none.
    std::vector<CategoryId> with_descendants(CategoryId id) const;
    // The same without hidden ones; empty when the category itself cannot be seen.
    std::vector<CategoryId> visible_with_descendants(CategoryId id) const;
    // From the root down to the category; empty when there is none.
    std::vector<const Category*> path_to(CategoryId id) const;
    // In order of position. Without a parent: the roots.
    std::vector<const Category*> children(std::optional<CategoryId> parent) const;
    // How many levels hang below and including the category; zero when there is none.
    std::size_t height(CategoryId id) const;
    bool is_below(CategoryId id, CategoryId ancestor) const;  // or the same

private:
    std::span<const Node> subtree(CategoryId id) const;

    std::vector<Node> nodes_;
    std::unordered_map<CategoryId, std::size_t> index_;
};

}  // namespace doorbuster::catalog
