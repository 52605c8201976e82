#include "catalog/model/category.hpp"

#include <gtest/gtest.h>

namespace doorbuster::catalog {
namespace {

// 1 ─ 2 ─ 4 (hidden) ─ 6
//   └ 3                    5
CategoryTree sample() {
    const auto below = [](std::int64_t id) { return std::optional{CategoryId{id}}; };
    return CategoryTree{{
        {CategoryId{6}, below(4), "six", 0, false},
        {CategoryId{5}, {}, "five", 1, false},
        {CategoryId{3}, below(1), "three", 0, false},
        {CategoryId{2}, below(1), "two", 1, false},
        {CategoryId{4}, below(2), "four", 0, true},
        {CategoryId{1}, {}, "one", 0, false},
    }};
}

std::string ids(const std::vector<CategoryId>& list) {
    std::string text;
    for (const CategoryId id : list) text += (text.empty() ? "" : " ") + id.to_string();
    return text;
}

TEST(CategoryTree, puts_siblings_in_order_and_children_after_parents) {
    const CategoryTree tree = sample();
    std::string order;
    for (const auto& node : tree.nodes()) {
        order += node.category.id.to_string() + ":" + std::to_string(node.depth) + " ";
    }
    EXPECT_EQ(order, "1:1 3:2 2:2 4:3 6:4 5:1 ");
}

TEST(CategoryTree, knows_what_lies_below) {
    const CategoryTree tree = sample();
    EXPECT_EQ(ids(tree.with_descendants(CategoryId{2})), "2 4 6");
    EXPECT_EQ(ids(tree.with_descendants(CategoryId{5})), "5");
    EXPECT_EQ(ids(tree.with_descendants(CategoryId{77})), "");
    EXPECT_TRUE(tree.is_below(CategoryId{6}, CategoryId{1}));
    EXPECT_TRUE(tree.is_below(CategoryId{1}, CategoryId{1}));
    EXPECT_FALSE(tree.is_below(CategoryId{1}, CategoryId{6}));
    EXPECT_EQ(tree.height(CategoryId{1}), 4u);
    EXPECT_EQ(tree.height(CategoryId{6}), 1u);
    EXPECT_EQ(tree.height(CategoryId{77}), 0u);
}

TEST(CategoryTree, hides_everything_below_a_hidden_category) {
    const CategoryTree tree = sample();
    EXPECT_EQ(ids(tree.visible_with_descendants(CategoryId{1})), "1 3 2");
    EXPECT_EQ(ids(tree.visible_with_descendants(CategoryId{4})), "");
    EXPECT_EQ(ids(tree.visible_with_descendants(CategoryId{6})), "");
    EXPECT_FALSE(tree.find(CategoryId{6})->visible);
}

TEST(CategoryTree, names_the_path_from_the_root) {
    const CategoryTree tree = sample();
    std::string path;
    for (const Category* step : tree.path_to(CategoryId{6})) path += step->name + "/";
    EXPECT_EQ(path, "one/two/four/six/");
    EXPECT_TRUE(tree.path_to(CategoryId{77}).empty());
}

TEST(CategoryTree, leaves_out_what_hangs_on_no_root) {
    const CategoryTree tree{
        {{CategoryId{1}, CategoryId{2}, "a", 0, false},
         {CategoryId{2}, CategoryId{1}, "b", 0, false}}};
    EXPECT_TRUE(tree.nodes().empty());
}

}  // namespace
}  // namespace doorbuster::catalog
