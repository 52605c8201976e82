#include "catalog/pages/product_pages.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/catalog_world.hpp"
#include "support/test_database.hpp"

namespace doorbuster::catalog {
namespace {

using World = test::CatalogWorld;
using test::Reply;

class Pages : public test::DatabaseTest {
protected:
    static std::string path(ProductId id) { return "/api/v1/products/" + id.to_string(); }
    Reply get(ProductId id) const { return world_.shopper.get(path(id)); }
    // Whether memory answers without asking the database.
    bool kept(ProductId id) {
        http::Request request;
        const std::string text = id.to_string();
        request.add_path_param("id", text);
        return world_.catalog.product_pages.answer_at_once(request).has_value();
    }
    ProductId add_mug() {
        const ProductId id = world_.add_active(World::simple("Mug", 2500));
        world_.set_stock(world_.first_sku(id), 5);
        return id;
    }

    World world_{database()};
};
DOORBUSTER_ON_BOTH_ENGINES(Pages);

TEST_P(Pages, show_everything_a_shopper_needs) {
    const auto home = world_.add_category("家居");
    const auto cups = world_.add_category("Cups", home);
    ProductContent content = World::with_values("Mug", {"S", "L"}, 2500);
    content.handle = "mug";
    content.body_html = "<p>A \"mug\"</p>";
    content.vendor = "Acme";
    content.tags = {"new", "blue"};
    content.category = cups;
    const MediaId picture = world_.write([&](sql::Transaction& tx) {
        return world_.catalog.media.add_url(tx, "/demo/mug.svg").id;
    });
    content.images = {{picture, "front"}};
    content.skus[1].image = picture;
    content.skus[1].compare_at_price = Money::fen(9900);
    content.skus[0].code = "MUG-S";
    const ProductId id = world_.add_active(content);
    world_.set_stock(world_.first_sku(id), 7);

    const Product stored = world_.product(id);
    const std::string small = stored.content.skus[0].id.to_string();
    const std::string large = stored.content.skus[1].id.to_string();
    const std::string media = picture.to_string();
    const std::string expected =
        R"({"id":")" + id.to_string() +
        R"(","title":"Mug","handle":"mug","body_html":"<p>A \"mug\"</p>","vendor":"Acme",)"
        R"("product_type":"","tags":["new","blue"],"category":{"id":")" +
        cups.to_string() + R"(","name":"Cups","path":[{"id":")" + home.to_string() +
        R"(","name":"家居"},{"id":")" + cups.to_string() +
        R"(","name":"Cups"}]},"options":[{"name":"Size","values":["S","L"]}],"images":[{"id":")" +
        media + R"(","url":"/demo/mug.svg","alt":"front"}],"price_min":2500,"price_max":2600,)" +
        R"("skus":[{"id":")" + small +
        R"(","sku":"MUG-S","price":2500,"compare_at_price":null,"options":["S"],"image":null,"stock":7},{"id":")" +
        large +
        R"(","sku":"","price":2600,"compare_at_price":9900,"options":["L"],"image":"/demo/mug.svg","stock":0}],"promotion":null})";
    for (int i = 0; i < 2; ++i) {  // read, then remembered
        const Reply reply = get(id);
        EXPECT_EQ(reply.status, 200);
        EXPECT_EQ(reply.text("/data"), expected);
        EXPECT_EQ(reply.text("/request_id"), "test");
    }
}

TEST_P(Pages, are_of_active_products_only) {
    const ProductId draft = world_.add_draft(World::simple("Draft"));
    for (const std::string& id : {draft.to_string(), std::string{"999999"}, std::string{"x"}}) {
        for (int i = 0; i < 2; ++i) {
            const Reply reply = world_.shopper.get("/api/v1/products/" + id);
            EXPECT_EQ(reply.status, 404) << id;
            EXPECT_EQ(reply.error(), "product_not_found");
        }
    }
    world_.set_status(draft, ProductStatus::active);
    EXPECT_EQ(get(draft).status, 200);
    world_.set_status(draft, ProductStatus::draft);
    EXPECT_EQ(get(draft).status, 404);
}

TEST_P(Pages, show_every_change_at_once) {
    const auto category = world_.add_category("Cups");
    const ProductId id = add_mug();
    ASSERT_EQ(get(id).integer("/data/skus/0/stock"), 5);

    world_.set_stock(world_.first_sku(id), 4);
    EXPECT_EQ(get(id).integer("/data/skus/0/stock"), 4);

    ProductContent content = world_.product(id).content;
    content.title = "Cup";
    content.category = category;
    ASSERT_TRUE(world_.update(id, content));
    EXPECT_EQ(get(id).text("/data/title"), "Cup");
    EXPECT_EQ(get(id).text("/data/category/name"), "Cups");

    const auto change = [&](CategoryService::Changes changes) {
        ASSERT_TRUE(world_.write([&](sql::Transaction& tx) {
            return world_.catalog.categories.update(tx, category, changes);
        }));
    };
    change({.name = "Mugs"});
    EXPECT_EQ(get(id).text("/data/category/name"), "Mugs");
    change({.hidden = true});
    EXPECT_EQ(get(id).text("/data/category"), "null");
    change({.hidden = false});
    const auto parent = world_.add_category("Kitchen");
    ASSERT_TRUE(world_.write([&](sql::Transaction& tx) {
        return world_.catalog.categories.move(tx, category, parent, std::nullopt);
    }));
    EXPECT_EQ(get(id).text("/data/category/path/0/name"), "Kitchen");
}

TEST_P(Pages, show_the_stock_that_orders_leave) {
    const ProductId id = add_mug();
    const inventory::StockLine line{world_.first_sku(id), 2};
    // inventory tests the movements; here it matters that the page is told of each.
    const auto move = [&](auto work) { world_.write(work); };
    ASSERT_EQ(get(id).integer("/data/skus/0/stock"), 5);
    move([&](sql::Transaction& tx) {
        ASSERT_TRUE(world_.inventory.reserve(tx, OrderNo{1}, std::span{&line, 1}));
    });
    EXPECT_EQ(get(id).integer("/data/skus/0/stock"), 3);
    move([&](sql::Transaction& tx) {
        world_.inventory.release(tx, OrderNo{1}, std::span{&line, 1});
    });
    EXPECT_EQ(get(id).integer("/data/skus/0/stock"), 5);
}

TEST_P(Pages, are_remembered_with_their_stock_only_when_no_other_process_can_change_it) {
    const ProductId id = add_mug();
    EXPECT_FALSE(kept(id));
    get(id);
    EXPECT_EQ(kept(id), on_sqlite());
}

TEST_P(Pages, a_write_that_rolls_back_changes_nothing) {
    const ProductId id = add_mug();
    get(id);
    const auto refused = world_.write([&](sql::Transaction& tx) -> Result<void> {
        ProductContent content = World::simple("Never");
        EXPECT_TRUE(world_.catalog.products.update(tx, id, content));
        return kUnavailable;
    });
    EXPECT_TRUE(refused.has_error());
    EXPECT_EQ(get(id).text("/data/title"), "Mug");
}

// With a shared database, another process may do what this one is not told of.
TEST_P(Pages, of_a_shared_database_have_fresh_stock_and_a_body_of_at_most_half_a_minute) {
    if (on_sqlite()) GTEST_SKIP() << "an embedded database has one process";
    const ProductId id = add_mug();
    ASSERT_EQ(get(id).text("/data/title"), "Mug");
    execute("UPDATE stock SET available = 3");
    execute("UPDATE products SET title = 'Cup'");
    EXPECT_EQ(get(id).integer("/data/skus/0/stock"), 3);
    EXPECT_EQ(get(id).text("/data/title"), "Mug");
    world_.clock.advance(Milliseconds{30'000});
    EXPECT_EQ(get(id).text("/data/title"), "Cup");
}

TEST_P(Pages, answer_not_modified_to_who_has_them) {
    const ProductId id = add_mug();
    const std::string tag = get(id).header("ETag");
    ASSERT_TRUE(tag.starts_with("W/\"")) << tag;
    const auto again = [&](const std::string& known) {
        return world_.shopper.send(http::Method::get, path(id), "", {{"if-none-match", known}});
    };
    for (const std::string& known : {tag, tag.substr(2), "\"x\", " + tag, std::string{"*"}}) {
        const Reply reply = again(known);
        EXPECT_EQ(reply.status, 304) << known;
        EXPECT_EQ(reply.body, "");
        EXPECT_EQ(reply.header("ETag"), tag);
    }
    EXPECT_EQ(again("\"other\"").status, 200);
    world_.set_stock(world_.first_sku(id), 1);
    EXPECT_EQ(again(tag).status, 200);
}

class NamedPromotion final : public PromotionLookup {
public:
    std::string promotion_json(ProductId) const override { return current; }
    std::string current = "null";
};

TEST_P(Pages, ask_for_the_promotion_every_time) {
    NamedPromotion promotions;
    world_.catalog.product_pages.set_promotions(promotions);
    const ProductId id = add_mug();
    EXPECT_EQ(get(id).text("/data/promotion"), "null");
    const std::string tag = get(id).header("ETag");
    promotions.current = R"({"price":100})";
    EXPECT_EQ(get(id).integer("/data/promotion/price"), 100);
    EXPECT_NE(get(id).header("ETag"), tag);
    promotions.current = "null";
    EXPECT_EQ(get(id).header("ETag"), tag);
}

TEST_P(Pages, lists_have_the_promotion_of_each_product) {
    NamedPromotion promotions;
    add_mug();
    const auto first = [&] { return world_.shopper.get("/api/v1/products"); };
    EXPECT_EQ(first().text("/data/list/0/promotion"), "null");
    world_.catalog.product_pages.set_promotions(promotions);
    EXPECT_EQ(first().text("/data/list/0/promotion"), "null");
    promotions.current = R"({"items":[{"price":100}]})";
    EXPECT_EQ(first().integer("/data/list/0/promotion/items/0/price"), 100);
    promotions.current = "null";
    EXPECT_EQ(first().text("/data/list/0/promotion"), "null");
    EXPECT_FALSE(world_.staff.get("/api/admin/v1/products").has("/data/list/0/promotion"));
}

// A writer counts up the stock and the vendor's name. A reader that asks after it was told of a
// change must see that change or a later one.
TEST_P(Pages, never_show_what_is_older_than_a_change_that_was_told) {
    const ProductId id = add_mug();
    const SkuId sku = world_.first_sku(id);
    ProductContent content = world_.product(id).content;
    content.vendor = "0";
    ASSERT_TRUE(world_.update(id, content));
    const int changes = on_sqlite() ? 300 : 60;
    std::atomic<int> told_stock = 5;
    std::atomic<int> told_vendor = 0;
    std::atomic<bool> done = false;
    std::atomic<int> stale = 0;
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            while (!done) {
                const int stock = told_stock;
                const int vendor = told_vendor;
                const Reply reply = get(id);
                if (reply.integer("/data/skus/0/stock") < stock) ++stale;
                if (std::stoi(reply.text("/data/vendor")) < vendor) ++stale;
            }
        });
    }
    for (int i = 1; i <= changes; ++i) {
        world_.set_stock(sku, 5 + i);
        told_stock = 5 + i;
        content.vendor = std::to_string(i);
        ASSERT_TRUE(world_.update(id, content));
        told_vendor = i;
    }
    done = true;
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(stale, 0);
    EXPECT_EQ(get(id).integer("/data/skus/0/stock"), 5 + changes);
}

TEST_P(Pages, of_the_category_tree_hide_hidden_subtrees_and_follow_changes) {
    const auto tree = [&] { return world_.shopper.get("/api/v1/categories").text("/data/list"); };
    EXPECT_EQ(tree(), "[]");
    const auto home = world_.add_category("home");
    const auto bed = world_.add_category("bed", home);
    world_.add_category("sheets", bed);
    const std::string h = home.to_string();
    const std::string b = bed.to_string();
    EXPECT_EQ(
        tree(),
        R"([{"id":")" + h + R"(","name":"home","children":[{"id":")" + b +
            R"(","name":"bed","children":[{"id":"3","name":"sheets","children":[]}]}]}])"
    );
    ASSERT_TRUE(world_.write([&](sql::Transaction& tx) {
        return world_.catalog.categories.update(tx, bed, {.hidden = true});
    }));
    EXPECT_EQ(tree(), R"([{"id":")" + h + R"(","name":"home","children":[]}])");
}

}  // namespace
}  // namespace doorbuster::catalog
