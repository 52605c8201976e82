#include "catalog/model/product.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "catalog/model/errors.hpp"

namespace doorbuster::catalog {
namespace {

// A shirt in two sizes and two colours, all right.
ProductContent shirt() {
    ProductContent content;
    content.title = "Shirt";
    content.option_names = {"Size", "Color"};
    for (const char* size : {"S", "M"}) {
        for (const char* color : {"red", "blue"}) {
            Sku sku;
            sku.options = {size, color, ""};
            sku.price = Money::fen(9900);
            content.skus.push_back(sku);
        }
    }
    return content;
}

TEST(ProductRules, take_a_sound_product) {
    EXPECT_TRUE(check(shirt()).has_value());
    ProductContent plain;
    plain.title = "Mug";
    EXPECT_TRUE(check(plain).has_value());
    plain.skus.emplace_back();
    EXPECT_TRUE(check(plain).has_value());
}

TEST(ProductRules, name_the_field_at_fault) {
    struct Bad {
        std::string field;
        std::function<void(ProductContent&)> spoil;
    };
    const std::vector<Bad> table{
        {"title", [](auto& c) { c.title.clear(); }},
        {"title", [](auto& c) { c.title.assign(256, 'x'); }},
        {"handle", [](auto& c) { c.handle = "a/b"; }},
        {"handle", [](auto& c) { c.handle = "a\"><script>"; }},
        {"body_html", [](auto& c) { c.body_html.assign(kBodyMax + 1, 'x'); }},
        {"vendor", [](auto& c) { c.vendor.assign(256, 'x'); }},
        {"tags", [](auto& c) { c.tags.assign(101, "t"); }},
        {"tags[1]",
         [](auto& c) {
             c.tags = {"a", "b,c"};
         }},
        {"tags[0]", [](auto& c) { c.tags = {""}; }},
        {"images", [](auto& c) { c.images.resize(51); }},
        {"options",
         [](auto& c) {
             c.option_names = {"a", "b", "c", "d"};
         }},
        {"options[1]", [](auto& c) { c.option_names[1] = c.option_names[0]; }},
        {"options[0]", [](auto& c) { c.option_names[0].clear(); }},
        {"skus[3].options", [](auto& c) { c.skus[3].options[1] = "red"; }},
        {"skus[0].options", [](auto& c) { c.skus[0].options[1].clear(); }},
        {"skus[0].options", [](auto& c) { c.skus[0].options[2] = "more"; }},
        {"skus[2].price", [](auto& c) { c.skus[2].price = Money::fen(-1); }},
        {"skus[2].price", [](auto& c) { c.skus[2].price = kPriceMax + Money::fen(1); }},
        {"skus[1].compare_at_price", [](auto& c) { c.skus[1].compare_at_price = Money::fen(-1); }},
        {"skus[1].grams", [](auto& c) { c.skus[1].grams = -1; }},
        {"skus[1].sku", [](auto& c) { c.skus[0].code = c.skus[1].code = "A-1"; }},
        {"skus[1].id", [](auto& c) { c.skus[0].id = c.skus[1].id = SkuId{5}; }},
        {"skus", [](auto& c) { c.skus.resize(251); }},
    };
    for (const auto& [field, spoil] : table) {
        ProductContent content = shirt();
        spoil(content);
        const auto result = check(content);
        ASSERT_TRUE(result.has_error()) << field;
        EXPECT_TRUE(result.error().is(kInvalidProduct));
        bool named = false;
        for (const ErrorDetail& detail : result.error().details()) named |= detail.field == field;
        EXPECT_TRUE(named) << field;
    }
}

TEST(ProductRules, count_characters_not_bytes) {
    ProductContent content = shirt();
    content.title.clear();
    for (int i = 0; i < 255; ++i) content.title += "床";
    EXPECT_TRUE(check(content).has_value());
}

TEST(ProductHandles, are_made_from_titles) {
    EXPECT_EQ(handle_from("Ocean Blue Shirt"), "ocean-blue-shirt");
    EXPECT_EQ(handle_from("  -- 100% Cotton!  "), "100-cotton");
    EXPECT_EQ(handle_from("轻奢 T恤 2"), "t-2");
    EXPECT_EQ(handle_from("床品"), "product");
}

TEST(ProductTags, survive_being_stored_as_one_text) {
    const std::vector<std::string> tags{"men", "新品", "50% off"};
    EXPECT_EQ(split_tags(join_tags(tags)), tags);
    EXPECT_TRUE(split_tags("").empty());
    EXPECT_EQ(split_tags(",a,,b,"), (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace doorbuster::catalog
