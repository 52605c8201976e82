#include "catalog/store/category_service.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "catalog/model/errors.hpp"
#include "support/catalog_world.hpp"
#include "support/test_database.hpp"

namespace doorbuster::catalog {
namespace {

class Categories : public test::DatabaseTest {
protected:
    const CategoryService& service() { return world_.catalog.categories; }
    CategoryTree tree() {
        return world_.read([&](sql::Reader& reader) { return service().tree(reader); });
    }
    // "a(b c) d", in order.
    std::string drawn() {
        const CategoryTree now = tree();
        return draw(now, std::nullopt);
    }
    static std::string draw(const CategoryTree& tree, std::optional<CategoryId> parent) {
        std::string text;
        for (const Category* child : tree.children(parent)) {
            if (!text.empty()) text += ' ';
            text += child->name;
            const std::string below = draw(tree, child->id);
            if (!below.empty()) text += '(' + below + ')';
        }
        return text;
    }
    Result<void> move(
        CategoryId id, std::optional<CategoryId> parent, std::optional<std::size_t> position = {}
    ) {
        return world_.write([&](sql::Transaction& tx) {
            return service().move(tx, id, parent, position);
        });
    }
    Result<CategoryId> create(const std::string& name, std::optional<CategoryId> parent = {}) {
        return world_.write([&](sql::Transaction& tx) { return service().create(tx, parent, name); }
        );
    }
    Result<void> remove(CategoryId id) {
        return world_.write([&](sql::Transaction& tx) { return service().remove(tx, id); });
    }

    test::CatalogWorld world_{database()};
};
DOORBUSTER_ON_BOTH_ENGINES(Categories);

TEST_P(Categories, are_appended_to_their_siblings) {
    const auto a = *create("a");
    ASSERT_TRUE(create("b"));
    ASSERT_TRUE(create("c", a));
    ASSERT_TRUE(create("d", a));
    EXPECT_EQ(drawn(), "a(c d) b");
}

TEST_P(Categories, have_different_names_below_one_parent) {
    const auto a = *create("家居");
    ASSERT_TRUE(create("床品", a));
    EXPECT_TRUE(create("家居").error().is(kCategoryNameTaken));
    EXPECT_TRUE(create("床品", a).error().is(kCategoryNameTaken));
    EXPECT_TRUE(create("家居", a));
}

TEST_P(Categories, do_not_hang_on_what_is_not_there) {
    EXPECT_TRUE(create("a", CategoryId{99}).error().is(kUnknownReference));
}

TEST_P(Categories, nest_eight_deep_and_no_deeper) {
    std::optional<CategoryId> parent;
    for (int level = 1; level <= 8; ++level) {
        const auto made = create("level " + std::to_string(level), parent);
        ASSERT_TRUE(made.has_value()) << level;
        parent = *made;
    }
    EXPECT_TRUE(create("level 9", parent).error().is(kCategoryTooDeep));
}

TEST_P(Categories, are_renamed_and_hidden) {
    const auto a = *create("a");
    ASSERT_TRUE(create("b"));
    const auto change = [&](CategoryId id, CategoryService::Changes changes) {
        return world_.write([&](sql::Transaction& tx) { return service().update(tx, id, changes); }
        );
    };
    EXPECT_TRUE(change(a, {.name = "b"}).error().is(kCategoryNameTaken));
    EXPECT_TRUE(change(CategoryId{99}, {.name = "x"}).error().is(kCategoryNotFound));
    ASSERT_TRUE(change(a, {.name = "A"}));
    EXPECT_EQ(drawn(), "A b");
    ASSERT_TRUE(change(a, {.hidden = true}));
    EXPECT_TRUE(tree().find(a)->category.hidden);
    EXPECT_EQ(drawn(), "A b");
}

TEST_P(Categories, move_to_any_place_among_siblings) {
    const auto a = *create("a");
    ASSERT_TRUE(create("b"));
    const auto c = *create("c");
    ASSERT_TRUE(move(c, {}, 0));
    EXPECT_EQ(drawn(), "c a b");
    ASSERT_TRUE(move(c, {}, 1));
    EXPECT_EQ(drawn(), "a c b");
    ASSERT_TRUE(move(a, {}));
    EXPECT_EQ(drawn(), "c b a");
    ASSERT_TRUE(move(a, {}, 500));
    EXPECT_EQ(drawn(), "c b a");
    ASSERT_TRUE(move(a, c, 0));
    EXPECT_EQ(drawn(), "c(a) b");
    EXPECT_TRUE(move(CategoryId{99}, {}).error().is(kCategoryNotFound));
    EXPECT_TRUE(move(a, CategoryId{99}).error().is(kUnknownReference));
}

TEST_P(Categories, never_form_a_circle) {
    const auto a = *create("a");
    const auto b = *create("b", a);
    const auto c = *create("c", b);
    EXPECT_TRUE(move(a, a).error().is(kCategoryCircle));
    EXPECT_TRUE(move(a, b).error().is(kCategoryCircle));
    EXPECT_TRUE(move(a, c).error().is(kCategoryCircle));
    EXPECT_EQ(drawn(), "a(b(c))");
}

TEST_P(Categories, keep_the_depth_and_the_names_when_they_move) {
    std::optional<CategoryId> parent;
    for (int level = 1; level <= 7; ++level) parent = *create(std::to_string(level), parent);
    const auto top = *create("top");
    ASSERT_TRUE(create("below", top));
    EXPECT_TRUE(move(top, parent).error().is(kCategoryTooDeep));
    const auto lone = *create("lone");
    ASSERT_TRUE(move(lone, parent));
    const auto again = *create("lone");
    EXPECT_TRUE(move(again, parent).error().is(kCategoryNameTaken));
}

TEST_P(Categories, go_only_when_they_are_empty) {
    const auto a = *create("a");
    const auto b = *create("b", a);
    auto content = test::CatalogWorld::simple("Mug");
    content.category = b;
    const ProductId mug = world_.add_draft(content);
    EXPECT_TRUE(remove(a).error().is(kCategoryNotEmpty));
    EXPECT_TRUE(remove(b).error().is(kCategoryNotEmpty));
    content.category.reset();
    ASSERT_TRUE(world_.update(mug, content));
    ASSERT_TRUE(remove(b));
    ASSERT_TRUE(remove(a));
    EXPECT_TRUE(remove(a).error().is(kCategoryNotFound));
}

TEST_P(Categories, are_found_by_path_or_made) {
    const std::vector<std::string> path{"家居", "床品", "四件套"};
    const auto find_or_create = [&](const std::vector<std::string>& names) {
        return *world_.write([&](sql::Transaction& tx) {
            return service().find_or_create(tx, names);
        });
    };
    const auto made = find_or_create(path);
    EXPECT_EQ(find_or_create(path), made);
    EXPECT_EQ(find_or_create({"家居"}), tree().path_to(made).front()->id);
    EXPECT_EQ(drawn(), "家居(床品(四件套))");
}

// Two moves that are each fine alone would close a circle together.
TEST_P(Categories, moved_by_two_at_once_form_no_circle) {
    for (int round = 0; round < 10; ++round) {
        const auto a = *create("a" + std::to_string(round));
        const auto b = *create("b" + std::to_string(round));
        std::thread other{[&] { static_cast<void>(move(a, b)); }};
        static_cast<void>(move(b, a));
        other.join();
        const CategoryTree now = tree();
        ASSERT_TRUE(now.find(a) && now.find(b));
        EXPECT_EQ(now.is_below(a, b) + now.is_below(b, a), 1);
    }
}

}  // namespace
}  // namespace doorbuster::catalog
