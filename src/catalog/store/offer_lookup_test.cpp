#include "catalog/store/offer_lookup.hpp"

#include <gtest/gtest.h>

#include "support/catalog_world.hpp"
#include "support/test_database.hpp"

namespace doorbuster::catalog {
namespace {

using World = test::CatalogWorld;

class Offers : public test::DatabaseTest {
protected:
    std::unordered_map<SkuId, Offer> find(std::vector<SkuId> skus) {
        return world_.read([&](sql::Reader& reader) { return find_offers(reader, skus); });
    }
    World world_{database()};
};
DOORBUSTER_ON_BOTH_ENGINES(Offers);

TEST_P(Offers, tell_what_a_line_of_a_cart_shows) {
    ProductContent content;
    content.title = "T恤";
    content.option_names = {"Color", "Size"};
    Sku sku;
    sku.options = {"Red", "XL", ""};
    sku.price = Money::fen(9900);
    sku.code = "T-RXL";
    content.skus = {sku};
    const MediaId picture = world_.write([&](sql::Transaction& tx) {
        return world_.catalog.media.add_url(tx, "/demo/t.svg").id;
    });
    content.images = {{picture, ""}};
    const ProductId id = world_.add_active(content);
    const SkuId sku_id = world_.first_sku(id);
    const Offer offer = find({sku_id}).at(sku_id);
    EXPECT_EQ(offer.product, id);
    EXPECT_EQ(offer.title, "T恤");
    EXPECT_EQ(offer.options, "Red / XL");
    EXPECT_EQ(offer.sku_code, "T-RXL");
    EXPECT_EQ(offer.image, "/demo/t.svg");
    EXPECT_EQ(offer.price, Money::fen(9900));
    EXPECT_TRUE(offer.on_sale);
}

TEST_P(Offers, of_many_skus_come_at_once_without_those_that_never_were) {
    const ProductId shirt = world_.add_active(World::with_values("Shirt", {"S", "M", "L"}));
    std::vector<SkuId> skus;
    for (const Sku& sku : world_.product(shirt).content.skus) skus.push_back(sku.id);
    skus.push_back(SkuId{999'999});
    EXPECT_EQ(find(skus).size(), 3u);
    EXPECT_TRUE(find({SkuId{999'999}}).empty());
    EXPECT_TRUE(find({}).empty());
    EXPECT_EQ(find(skus).at(skus[1]).options, "M");
}

TEST_P(Offers, of_drafts_and_removed_skus_are_not_on_sale) {
    const ProductId draft = world_.add_draft(World::simple("Draft"));
    const ProductId shirt = world_.add_active(World::with_values("Shirt", {"S", "M"}));
    const SkuId removed = world_.first_sku(shirt);
    ASSERT_TRUE(world_.update(shirt, World::with_values("Shirt", {"M"})));
    const auto offers = find({world_.first_sku(draft), removed, world_.first_sku(shirt)});
    EXPECT_FALSE(offers.at(world_.first_sku(draft)).on_sale);
    EXPECT_FALSE(offers.at(removed).on_sale);
    EXPECT_TRUE(offers.at(world_.first_sku(shirt)).on_sale);
}

}  // namespace
}  // namespace doorbuster::catalog
