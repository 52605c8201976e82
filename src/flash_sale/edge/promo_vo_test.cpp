#include "flash_sale/edge/promo_vo.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/flash_world.hpp"

namespace doorbuster::flash_sale {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

class Promos : public test::FlashWorld {
protected:
    PromoVo vo(PromotionItemId item) { return views_.of(board_.find(item)); }
    std::string status(PromotionItemId item) { return std::string{to_string(vo(item).status)}; }
    std::string band(PromotionItemId item) { return std::string{to_string(vo(item).stock_band)}; }
    ProductId product() { return board_.snapshot()->items.begin()->second->product; }
    json::value promotion() { return json::parse(views_.promotion_json(product())); }
    json::value list(std::int64_t page = 1, std::int64_t page_size = 20) {
        return json::parse(views_.list_json(page, page_size));
    }
    void set(const std::string& change) {
        execute("UPDATE promotions SET " + change);
        loader_.reload_blocking();
    }

    PromoViews views_{board_, gate_, sale_clock_};
};
DOORBUSTER_ON_BOTH_ENGINES(Promos);

TEST_P(Promos, the_status_is_that_of_the_moment_of_asking) {
    const auto item = open_sale({.starts_in = 10min, .lasts = 1h});
    EXPECT_EQ(status(item), "upcoming");
    clock_.advance(10min - 1ms);
    EXPECT_EQ(status(item), "upcoming");
    clock_.advance(1ms);
    EXPECT_EQ(status(item), "live");
    clock_.advance(1h - 1ms);
    EXPECT_EQ(status(item), "live");
    clock_.advance(1ms);
    EXPECT_EQ(status(item), "ended");
    EXPECT_TRUE(promotion().is_null());
    EXPECT_EQ(list().at("total").as_int64(), 0);
}

TEST_P(Promos, a_clock_that_jumps_opens_nothing) {
    const auto item = open_sale({.starts_in = 10min});
    clock_.jump(1h);
    EXPECT_EQ(status(item), "upcoming");
    EXPECT_LT(vo(item).server_time, board_.find(item)->window.starts_at);
}

TEST_P(Promos, an_item_tells_its_terms_and_what_the_catalog_calls_it) {
    const auto item = open_sale({.units = 10, .per_user_max = 3, .per_order_max = 2});
    const json::object shown = to_json(vo(item));
    const auto known = board_.find(item);
    const json::object expected{
        {"promotion_id", known->promotion.to_string()},
        {"item_id", item.to_string()},
        {"product_id", known->product.to_string()},
        {"sku_id", teapot_.to_string()},
        {"name", "Sale"},
        {"title", "茶壶"},
        {"image", nullptr},
        {"status", "live"},
        {"paused", false},
        {"sold_out", false},
        {"stock_band", "plenty"},
        {"price", 100},
        {"original_price", 2500},
        {"starts_at", to_rfc3339(known->window.starts_at)},
        {"ends_at", to_rfc3339(known->window.ends_at)},
        {"per_user_max", 3},
        {"per_order_max", 2},
        {"server_time", to_rfc3339(clock_.now())}};
    EXPECT_EQ(json::value(shown), json::value(expected)) << json::serialize(shown);
}

TEST_P(Promos, the_band_follows_the_counters_and_the_flag_clears_by_itself) {
    const auto item = open_sale({.units = 4});
    EXPECT_EQ(band(item), "plenty");
    std::vector<OrderNo> orders;
    std::string bands;
    for (int i = 0; i < 4; ++i) {
        const Buyer buyer = add_buyer();
        orders.push_back(buy(item, buyer.user, buyer.address)->number);
        bands += band(item) + ',';
    }
    EXPECT_EQ(bands, "plenty,some,some,none,");
    EXPECT_TRUE(vo(item).sold_out);
    const UserId owner = order(orders[0]).user;
    ASSERT_TRUE(cancel(owner, orders[0]).has_value());
    EXPECT_FALSE(vo(item).sold_out);
    EXPECT_EQ(band(item), "some");
}

TEST_P(Promos, paused_and_stopped_are_told_apart_from_the_status) {
    const auto item = open_sale({});
    set("paused = 1");
    EXPECT_TRUE(vo(item).paused);
    EXPECT_EQ(status(item), "live");
    set("paused = 0");
    EXPECT_FALSE(vo(item).paused);
    execute("UPDATE flash_sale_switch SET stopped = 1");
    loader_.reload_blocking();
    EXPECT_TRUE(vo(item).paused);
    EXPECT_TRUE(list().at_pointer("/list/0/paused").as_bool());
}

TEST_P(Promos, a_product_has_what_is_on_and_what_is_coming) {
    const auto coming = open_sale({.starts_in = 2h});
    const auto live = open_sale({.lasts = 1h});
    const json::value both = promotion();
    ASSERT_EQ(both.at("items").as_array().size(), 2u);
    EXPECT_EQ(both.at_pointer("/items/0/item_id").as_string(), live.to_string());
    EXPECT_EQ(both.at_pointer("/items/1/item_id").as_string(), coming.to_string());
    EXPECT_EQ(both.at("server_time").as_string(), to_rfc3339(clock_.now()));
    clock_.advance(1h);
    EXPECT_EQ(promotion().at("items").as_array().size(), 1u);
    EXPECT_EQ(views_.promotion_json(ProductId{999'999}), "null");
}

TEST_P(Promos, lists_live_and_coming_promotions_by_start) {
    EXPECT_EQ(list().at("list").as_array().size(), 0u);
    open_sale({.starts_in = 2h});
    open_sale({.lasts = 1h});
    const json::value all = list();
    EXPECT_EQ(all.at("total").as_int64(), 2);
    EXPECT_EQ(all.at_pointer("/list/0/status").as_string(), "live");
    EXPECT_EQ(all.at_pointer("/list/1/status").as_string(), "upcoming");
    EXPECT_EQ(all.at_pointer("/list/0/items/0/price").as_int64(), 100);
    EXPECT_EQ(all.at("server_time").as_string(), to_rfc3339(clock_.now()));
    const json::value second = list(2, 1);
    EXPECT_EQ(second.at("list").as_array().size(), 1u);
    EXPECT_EQ(second.at_pointer("/list/0/status").as_string(), "upcoming");
    EXPECT_EQ(list(3, 1).at("list").as_array().size(), 0u);
}

TEST_P(Promos, rehearsals_and_what_has_ended_are_not_shown) {
    const auto item = open_sale({});
    set("shadow = 1");
    EXPECT_EQ(list().at("total").as_int64(), 0);
    EXPECT_TRUE(promotion().is_null());
    set("shadow = 0");
    EXPECT_FALSE(promotion().is_null());
    set("state = 'ended', ended_at = " + std::to_string(to_milliseconds(clock_.now())));
    EXPECT_EQ(status(item), "ended");
    EXPECT_EQ(list().at("total").as_int64(), 0);
    EXPECT_TRUE(promotion().is_null());
}

}  // namespace
}  // namespace doorbuster::flash_sale
