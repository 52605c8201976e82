#include "catalog/store/product_service.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "catalog/model/errors.hpp"
#include "support/catalog_world.hpp"
#include "support/test_database.hpp"

namespace doorbuster::catalog {
namespace {

using World = test::CatalogWorld;

class Products : public test::DatabaseTest {
protected:
    Result<ProductId> create(const ProductContent& content) {
        return world_.write([&](sql::Transaction& tx) { return service().create(tx, content); });
    }
    Result<bool> update(
        ProductId id, const ProductContent& content, std::optional<Time> expected = {}
    ) {
        return world_.write([&](sql::Transaction& tx) {
            return service().update(tx, id, content, expected);
        });
    }
    Result<void> set_status(ProductId id, ProductStatus status, std::optional<Time> expected = {}) {
        return world_.write([&](sql::Transaction& tx) {
            return service().set_status(tx, id, status, expected);
        });
    }
    MediaId add_picture(const std::string& url) {
        return world_.write([&](sql::Transaction& tx) {
            return world_.catalog.media.add_url(tx, url).id;
        });
    }
    const ProductService& service() { return world_.catalog.products; }

    World world_{database()};
};
DOORBUSTER_ON_BOTH_ENGINES(Products);

TEST_P(Products, are_stored_as_they_were_given) {
    ProductContent content = World::with_values("Shirt", {"S", "M", "L"}, 4900);
    content.handle = "shirt";
    content.vendor = "Acme'); DROP TABLE products; --";
    content.product_type = "衬衫";
    content.tags = {"men", "新品"};
    content.category = world_.add_category("Clothes");
    content.images = {
        {add_picture("https://example.com/a.jpg"), "front"}, {add_picture("/demo/b.svg"), ""}};
    content.skus[1].code = "SH-M";
    content.skus[1].compare_at_price = Money::fen(9900);
    content.skus[1].image = content.images[1].media;
    content.skus[2].grams = 250;
    content.skus[2].barcode = "6901234567892";

    const auto id = create(content);
    ASSERT_TRUE(id.has_value());
    const Product stored = world_.product(*id);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_GT(stored.content.skus[i].id, SkuId{});
        content.skus[i].id = stored.content.skus[i].id;
    }
    EXPECT_EQ(stored.content, content);
    EXPECT_EQ(stored.status, ProductStatus::draft);
    EXPECT_EQ(stored.price_min, Money::fen(4900));
    EXPECT_EQ(stored.price_max, Money::fen(5100));
    EXPECT_EQ(stored.updated_at, world_.clock.now());
}

TEST_P(Products, have_sanitised_bodies_and_their_text_for_search) {
    ProductContent content = World::simple("Mug");
    content.body_html = "<p onclick=\"x()\">Blue <b>cup</b></p><script>alert(1)</script>";
    const auto id = *create(content);
    const std::string html = world_.product(id).content.body_html;
    EXPECT_NE(html.find("<b>cup</b>"), std::string::npos);
    EXPECT_EQ(html.find("script"), std::string::npos);
    EXPECT_EQ(html.find("onclick"), std::string::npos);
    EXPECT_EQ(text("SELECT body_text FROM products"), "Blue cup");
    content.body_html = "<img src=x onerror=alert(1)>";
    ASSERT_TRUE(update(id, content));
    EXPECT_EQ(world_.product(id).content.body_html.find("onerror"), std::string::npos);
}

TEST_P(Products, get_a_handle_that_nobody_has) {
    const auto first = *create(World::simple("Ocean Blue Shirt"));
    world_.clock.advance(Milliseconds{1});
    const auto second = *create(World::simple("Ocean Blue Shirt"));
    EXPECT_EQ(world_.product(first).content.handle, "ocean-blue-shirt");
    const std::string other = world_.product(second).content.handle;
    EXPECT_TRUE(other.starts_with("ocean-blue-shirt-")) << other;

    ProductContent taken = World::simple("Other");
    taken.handle = "ocean-blue-shirt";
    EXPECT_TRUE(create(taken).error().is(kHandleTaken));
    EXPECT_TRUE(update(second, taken).error().is(kHandleTaken));
    taken.handle.clear();
    ASSERT_TRUE(update(second, taken));
    EXPECT_EQ(world_.product(second).content.handle, other);
}

TEST_P(Products, refuse_what_does_not_exist) {
    ProductContent content = World::simple("Mug");
    content.category = CategoryId{99};
    EXPECT_TRUE(create(content).error().is(kUnknownReference));
    content.category.reset();
    content.images = {{MediaId{5}, ""}};
    EXPECT_EQ(create(content).error().details().at(0).field, "images[0].id");
    content.images.clear();
    content.skus[0].image = MediaId{5};
    EXPECT_EQ(create(content).error().details().at(0).field, "skus[0].image_id");
    EXPECT_TRUE(update(ProductId{5}, World::simple("Mug")).error().is(kProductNotFound));
    EXPECT_EQ(integer("SELECT COUNT(*) FROM products"), 0);
}

TEST_P(Products, have_sku_codes_of_their_own) {
    ProductContent mug = World::simple("Mug");
    mug.skus[0].code = "A-1";
    const auto id = *create(mug);
    EXPECT_TRUE(create(mug).error().is(kSkuCodeTaken));
    EXPECT_EQ(create(mug).error().details().at(0).field, "skus[0].sku");
    ASSERT_TRUE(update(id, World::simple("Mug")));  // gives the code up
    EXPECT_TRUE(create(mug).has_value());
}

TEST_P(Products, keep_the_ids_of_skus_with_the_same_options) {
    const auto id = *create(World::with_values("Shirt", {"S", "M"}));
    const auto before = world_.product(id).content.skus;
    ASSERT_TRUE(update(id, World::with_values("Shirt", {"L", "M", "S"}, 2000)));
    const Product after = world_.product(id);
    EXPECT_EQ(after.content.skus[1].id, before[1].id);
    EXPECT_EQ(after.content.skus[2].id, before[0].id);
    EXPECT_EQ(after.price_min, Money::fen(2000));
    EXPECT_EQ(after.price_max, Money::fen(2200));
}

TEST_P(Products, exchange_options_and_codes_of_skus) {
    ProductContent content = World::with_values("Shirt", {"S", "M"});
    content.skus[0].code = "one";
    content.skus[1].code = "two";
    const auto id = *create(content);
    ProductContent now = world_.product(id).content;
    std::swap(now.skus[0].options, now.skus[1].options);
    std::swap(now.skus[0].code, now.skus[1].code);
    ASSERT_TRUE(*update(id, now));
    EXPECT_EQ(world_.product(id).content, now);
}

TEST_P(Products, get_other_options) {
    const auto id = *create(World::with_values("Shirt", {"S", "M"}));
    ProductContent now = world_.product(id).content;
    now.option_names = {"Size", "Color"};
    for (Sku& sku : now.skus) sku.options[1] = "red";
    ASSERT_TRUE(*update(id, now));
    EXPECT_EQ(world_.product(id).content, now);
    now.option_names.clear();
    now.skus.resize(1);
    now.skus[0].options = {};
    ASSERT_TRUE(*update(id, now));
    EXPECT_EQ(world_.product(id).content, now);
}

TEST_P(Products, keep_removed_skus_for_the_orders_that_hold_them) {
    const auto id = *create(World::with_values("Shirt", {"S", "M"}));
    const SkuId small = world_.first_sku(id);
    ASSERT_TRUE(update(id, World::with_values("Shirt", {"M"}, 5000)));
    EXPECT_EQ(world_.product(id).content.skus.size(), 1u);
    EXPECT_EQ(integer("SELECT removed FROM skus WHERE id = $1", {small}), 1);
    EXPECT_EQ(world_.product(id).price_min, Money::fen(5000));

    // What comes back with these options is a new SKU: the old one's orders are not its.
    ASSERT_TRUE(update(id, World::with_values("Shirt", {"S", "M"})));
    EXPECT_NE(world_.first_sku(id), small);
    ProductContent content = world_.product(id).content;
    content.skus[0].id = small;
    EXPECT_TRUE(update(id, content).error().is(kSkuNotFound));
}

TEST_P(Products, do_not_take_another_products_sku) {
    const auto mine = *create(World::simple("Mine"));
    const auto other = *create(World::simple("Other"));
    ProductContent content = world_.product(mine).content;
    content.skus[0].id = world_.first_sku(other);
    EXPECT_TRUE(update(mine, content).error().is(kSkuNotFound));
}

TEST_P(Products, are_untouched_by_an_update_that_changes_nothing) {
    ProductContent content = World::with_values("Shirt", {"S", "M"});
    content.body_html = "<p>one</p>";
    const auto id = *create(content);
    const Time before = world_.product(id).updated_at;
    world_.clock.advance(Milliseconds{5000});
    EXPECT_FALSE(*update(id, content));
    EXPECT_EQ(world_.product(id).updated_at, before);
    content.skus[1].price = Money::fen(1);
    EXPECT_TRUE(*update(id, content));
    EXPECT_GT(world_.product(id).updated_at, before);
}

TEST_P(Products, refuse_a_change_of_what_someone_else_changed) {
    const auto id = *create(World::simple("Mug"));
    const Time seen = world_.product(id).updated_at;
    ASSERT_TRUE(update(id, World::simple("Cup"), seen));
    // The clock stands still, the version does not.
    EXPECT_TRUE(update(id, World::simple("Jug"), seen).error().is(kProductChanged));
    EXPECT_TRUE(set_status(id, ProductStatus::active, seen).error().is(kProductChanged));
    EXPECT_EQ(world_.product(id).content.title, "Cup");
}

TEST_P(Products, are_published_only_with_a_sku) {
    ProductContent content = World::simple("Mug");
    content.skus.clear();
    const auto id = *create(content);
    EXPECT_TRUE(set_status(id, ProductStatus::active).error().is(kNothingToSell));
    ASSERT_TRUE(update(id, World::simple("Mug")));
    ASSERT_TRUE(set_status(id, ProductStatus::active));
    EXPECT_TRUE(update(id, content).error().is(kNothingToSell));
    ASSERT_TRUE(set_status(id, ProductStatus::archived));
    EXPECT_EQ(world_.product(id).status, ProductStatus::archived);
    EXPECT_TRUE(set_status(ProductId{99}, ProductStatus::active).error().is(kProductNotFound));
}

TEST_P(Products, hold_two_hundred_and_fifty_skus) {
    ProductContent content;
    content.title = "Paint";
    content.option_names = {"Color", "Size", "Finish"};
    for (int i = 0; i < 250; ++i) {
        Sku sku;
        sku.options = {std::to_string(i / 50), std::to_string(i % 50), "matt"};
        sku.price = Money::fen(100 + i);
        sku.code = "P-" + std::to_string(i);
        content.skus.push_back(sku);
    }
    const auto id = create(content);
    ASSERT_TRUE(id.has_value());
    for (Sku& sku : content.skus) sku.price += Money::fen(1);
    EXPECT_TRUE(*update(*id, content));
    EXPECT_EQ(world_.product(*id).price_max, Money::fen(350));
    EXPECT_EQ(integer("SELECT COUNT(*) FROM skus"), 250);
    content.skus.emplace_back();
    EXPECT_TRUE(update(*id, content).error().is(kInvalidProduct));
}

// Many writers at once meet on one handle and one code; the losers are told, none breaks.
TEST_P(Products, created_by_many_at_once_meet_no_constraint) {
    std::atomic<int> made = 0;
    std::atomic<int> refused = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 5; ++round) {
                ProductContent content = World::simple("Mug");
                content.handle = "mug-" + std::to_string(round);
                content.skus[0].code = "M-" + std::to_string(round);
                create(content).has_value() ? ++made : ++refused;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(made, 5);
    EXPECT_EQ(refused, 15);
}

TEST_P(Products, and_the_deletion_of_their_category_wait_for_each_other) {
    for (int round = 0; round < 10; ++round) {
        const CategoryId category = world_.add_category("c" + std::to_string(round));
        ProductContent content = World::simple("Mug");
        content.category = category;
        std::thread other{[&] {
            static_cast<void>(world_.write([&](sql::Transaction& tx) {
                return world_.catalog.categories.remove(tx, category);
            }));
        }};
        static_cast<void>(create(content));
        other.join();
    }
    EXPECT_EQ(
        integer("SELECT COUNT(*) FROM products p WHERE category_id IS NOT NULL AND NOT EXISTS "
                "(SELECT 1 FROM categories c WHERE c.id = p.category_id)"),
        0
    );
}

}  // namespace
}  // namespace doorbuster::catalog
