#include <gtest/gtest.h>

#include "support/shopper_world.hpp"

namespace doorbuster::flash_sale {
namespace {

using namespace shopper_test;

class ShoppersAtTheDoor : public ShopperWorld {};
DOORBUSTER_ON_BOTH_ENGINES(ShoppersAtTheDoor);

TEST_P(ShoppersAtTheDoor, wait_outside_when_the_door_is_full) {
    const auto item = open_sale({.units = 1});  // five may be inside
    std::vector<UserId> inside;
    for (int i = 0; i < 5; ++i) inside.push_back(add_buyer().user);
    for (const UserId user : inside) ASSERT_EQ(ask_token(item, as(user)).status, 201);
    const Reply full = ask_token(item, buyer());
    EXPECT_EQ(verdict(full), "409 door_full");
    EXPECT_EQ(full.header("Retry-After"), "3");
    EXPECT_EQ(gate_.counts(item).leases, 5);
    as(inside[2]).del(path(item, "token"));
    EXPECT_EQ(ask_token(item, buyer()).status, 201);
    EXPECT_EQ(verdict(ask_token(item, as(inside[2]))), "409 door_full");
    clock_.advance(kLease);
    EXPECT_EQ(ask_token(item, as(inside[2])).status, 201);
    EXPECT_EQ(gate_.counts(item).leases, 1);
}

TEST_P(ShoppersAtTheDoor, learn_how_often_they_may_ask) {
    const auto item = open_sale({});
    const Reply first = buyer().post(path(item, "captcha"), "");
    EXPECT_EQ(first.header("RateLimit-Policy"), "\"user\";q=100;w=60");
    EXPECT_EQ(first.header("RateLimit"), "\"user\";r=99;t=1");
    for (int i = 0; i < 99; ++i) buyer().post(path(item, "captcha"), "");
    const Reply late = buyer().post(path(item, "captcha"), "");
    EXPECT_EQ(verdict(late), "429 rate_limited");
    EXPECT_EQ(late.header("Retry-After"), "1");
    EXPECT_EQ(late.header("RateLimit"), "\"user\";r=0;t=60");
    EXPECT_EQ(verdict(buyer().del(path(item, "token"))), "429 rate_limited");
    EXPECT_EQ(as(other_).post(path(item, "captcha"), "").status, 201);
    EXPECT_EQ(outcomes(item), "captcha 101, rate_limited 2");
}

TEST_P(ShoppersAtTheDoor, of_one_address_share_a_limit_that_no_session_is_needed_for) {
    const auto item = open_sale({});
    for (int i = 0; i < 200; ++i) anyone_.post(path(item, "orders"), "");
    const Reply late = anyone_.post(path(item, "orders"), "");
    EXPECT_EQ(verdict(late), "429 rate_limited");
    EXPECT_EQ(late.header("RateLimit-Policy"), "\"address\";q=200;w=60");
    RouteClient elsewhere = buyer();
    elsewhere.address = "192.0.2.11";
    EXPECT_EQ(elsewhere.post(path(item, "captcha"), "").status, 201);
    // All buyers of a rehearsal come from one address.
    set("shadow = 1");
    execute("UPDATE users SET username_key = '~buyer' WHERE username_key = 'buyer'");
    EXPECT_EQ(buyer().post(path(item, "captcha"), "").status, 201);
}

// Its captcha is no secret and its units are nobody's goods.
TEST_P(ShoppersAtTheDoor, of_a_rehearsal_are_its_own_buyers_only) {
    const auto item = open_sale({});
    set("shadow = 1");
    EXPECT_EQ(verdict(buyer().post(path(item, "captcha"), "")), "404 promotion_item_not_found");
    // A captcha that was asked for while it was a sale.
    set("shadow = 0");
    const std::string id = captcha(item, buyer());
    set("shadow = 1");
    const Reply refused = buyer().post(path(item, "token"), answer(id, "fixed"));
    EXPECT_EQ(verdict(refused), "404 promotion_item_not_found");
    EXPECT_EQ(gate_.counts(item).leases, 0);

    execute("UPDATE users SET username_key = '~buyer' WHERE username_key = 'buyer'");
    EXPECT_EQ(order(item, buyer(), body(token(item, buyer()), address_)).status, 201);
    EXPECT_EQ(verdict(as(other_).post(path(item, "captcha"), "")), "404 promotion_item_not_found");
}

// Closed or sold out, it is told of to nobody else.
TEST_P(ShoppersAtTheDoor, of_others_find_no_rehearsal_however_it_stands) {
    const auto item = open_sale({.units = 1});
    const std::string nothing = "404 promotion_item_not_found";
    const std::string text = body("x", address_);
    const auto expect_nothing = [&](const std::string& how) {
        for (const UserId stranger : {other_, add_buyer().user}) {
            const RouteClient client = as(stranger);
            EXPECT_EQ(verdict(client.post(path(item, "captcha"), "")), nothing) << how;
            const auto tried = client.post(path(item, "token"), answer("x", "x"));
            EXPECT_EQ(verdict(tried), nothing) << how;
            EXPECT_EQ(verdict(client.del(path(item, "token"))), nothing) << how;
            EXPECT_EQ(verdict(order(item, client, text)), nothing) << how;
            EXPECT_EQ(verdict(order(item, client, text, "key")), nothing) << how;
        }
        EXPECT_EQ(anyone_.post(path(item, "orders"), text).status, 401) << how;
    };
    execute("UPDATE users SET username_key = '~buyer' WHERE username_key = 'buyer'");
    set("shadow = 1");
    const std::string token_text = body(token(item, buyer()), address_);
    expect_nothing("on sale");
    EXPECT_EQ(order(item, buyer(), token_text).status, 201);
    expect_nothing("sold out");
    EXPECT_EQ(verdict(order(item, buyer(), token_text)), "409 sold_out");
    EXPECT_EQ(verdict(buyer().post(path(item, "captcha"), "")), "409 sold_out");
    set("paused = 1");
    expect_nothing("paused");
    EXPECT_EQ(verdict(order(item, buyer(), token_text)), "409 sale_paused");
    clock_.advance(std::chrono::hours{2});
    expect_nothing("over");
    EXPECT_EQ(verdict(buyer().post(path(item, "captcha"), "")), "410 sale_ended");
}

// From then on without a look at its session, as in a real sale.
TEST_P(ShoppersAtTheDoor, of_a_rehearsal_are_known_by_their_first_request) {
    const auto item = open_sale({.units = 1});
    set("shadow = 1");
    execute("UPDATE users SET username_key = '~buyer' WHERE username_key = 'buyer'");
    const std::string bearer = "Bearer " + buyer_.to_string();
    EXPECT_FALSE(rehearsal_buyers_.knows_session(bearer));
    ASSERT_EQ(order(item, buyer(), body(token(item, buyer()), address_)).status, 201);
    EXPECT_TRUE(rehearsal_buyers_.knows_session(bearer));
    http::Request again;
    again.id = "r1";
    again.add_path_param("item", item.to_string());
    const http::Request::Header session[] = {{"Authorization", bearer}};
    EXPECT_FALSE(entrance_.refuse_order_early(again).has_value());
    again.headers = session;
    EXPECT_EQ(entrance_.refuse_order_early(again)->status, 409);
}

TEST_P(ShoppersAtTheDoor, are_told_to_come_again_when_too_many_orders_wait) {
    const auto item = open_sale({});
    BatchCommitter nobody_waits{database(), writer_, clock_, {.queue_max = 0}};
    OrderDesk busy{board_, gate_, seen_, nobody_waits, sale_clock_};
    ShopperRoutesDeps deps{
        entrance_, captchas_, tokens_, gate_, busy, views_, sale_clock_, random_, kLease};
    http::Router router{users_};
    router.add(shopper_routes(deps));
    const std::string text = body(token(item, buyer()), address_);
    const Reply refused = order(item, RouteClient{router}.as(buyer_.to_string()), text, "k");
    EXPECT_EQ(verdict(refused), "503 sale_busy");
    EXPECT_EQ(refused.header("Retry-After"), "1");
    // Nothing was done, and the token is still good.
    EXPECT_EQ(order(item, buyer(), text, "k").status, 201);
    expect_stock(item, 9, 1, 0);
    expect_clean();
}

}  // namespace
}  // namespace doorbuster::flash_sale
