#include "flash_sale/edge/shopper_routes.hpp"

#include <gtest/gtest.h>

#include "support/flash_world.hpp"
#include "support/route_client.hpp"
#include "support/token_users.hpp"

namespace doorbuster::flash_sale {
namespace {

using namespace std::chrono_literals;
using test::Reply;
using test::RouteClient;

// Shows the text itself.
class PlainPainter final : public CaptchaPainter {
public:
    std::string png(std::string_view text, std::uint64_t) const override {
        return std::string{text};
    }
};

// "429 rate_limited", or "201".
std::string verdict(const Reply& reply) {
    const std::string status = std::to_string(reply.status);
    return reply.status < 300 ? status : status + ' ' + reply.error();
}

class Shoppers : public test::FlashWorld {
protected:
    Shoppers() { router_.add(shopper_routes(deps_)); }

    static constexpr auto kLease = 60s;

    RouteClient as(UserId user) const { return anyone_.as(user.to_string()); }
    RouteClient buyer() const { return as(buyer_); }

    static std::string path(PromotionItemId item, const std::string& what) {
        return "/api/v1/flash-sales/" + item.to_string() + "/" + what;
    }
    static std::string body(
        const std::string& token, AddressId address, const std::string& quantity = "1"
    ) {
        return R"({"token":")" + token + R"(","address_id":")" + address.to_string() +
               R"(","quantity":)" + quantity + "}";
    }
    static std::string answer(const std::string& captcha, const std::string& text) {
        return R"({"captcha_id":")" + captcha + R"(","answer":")" + text + R"("})";
    }

    std::string captcha(PromotionItemId item, const RouteClient& client) {
        return client.post(path(item, "captcha"), "").text("/data/captcha_id");
    }
    Reply ask_token(PromotionItemId item, const RouteClient& client) {
        const std::string id = captcha(item, client);
        return client.post(path(item, "token"), answer(id, "fixed"));
    }
    std::string token(PromotionItemId item, const RouteClient& client) {
        return ask_token(item, client).text("/data/token");
    }
    Reply order(
        PromotionItemId item,
        const RouteClient& client,
        const std::string& text,
        const std::string& key = ""
    ) {
        RouteClient::Headers headers;
        if (!key.empty()) headers.emplace_back("Idempotency-Key", key);
        return client.post(path(item, "orders"), text, headers);
    }
    void set(const std::string& change) {
        execute("UPDATE promotions SET " + change);
        loader_.reload_blocking();
    }
    // How the requests for an item ended, "token 1, placed 1".
    std::string outcomes(PromotionItemId item) {
        clock_.advance(1s);  // the meter tells of whole seconds
        std::string text;
        for (const auto& outcome : meter_.rates(item).outcomes) {
            const double count = outcome.per_second * SaleMeter::kWindowSeconds;
            text += (text.empty() ? "" : ", ") + std::string{outcome.word} + ' ' +
                    std::to_string(std::lround(count));
        }
        return text;
    }
    // Nobody has bought anything and nobody is inside.
    void expect_untouched(PromotionItemId item, std::int64_t units = 10) {
        expect_stock(item, units, 0, 0);
        EXPECT_EQ(gate_.counts(item).leases, 0);
    }

    PlainPainter painter_;
    Captchas captchas_{painter_, clock_, random_, Captchas::Mode::fixed};
    TokenSigner tokens_{random_};
    ShopperLimits limits_{clock_, {.address = {200, 60s}, .user = {100, 60s}}};
    SaleMeter meter_{clock_};
    Entrance entrance_{{board_, gate_, seen_, sale_clock_, clock_, limits_, meter_}};
    PromoViews views_{board_, gate_, sale_clock_};
    RehearsalBuyers rehearsal_buyers_{database()};
    ShopperRoutesDeps deps_{
        entrance_,
        captchas_,
        tokens_,
        gate_,
        desk_,
        rehearsal_buyers_,
        views_,
        sale_clock_,
        random_,
        kLease};
    test::TokenUsers users_;
    http::Router router_{users_};
    RouteClient anyone_{router_};
};
DOORBUSTER_ON_BOTH_ENGINES(Shoppers);

TEST_P(Shoppers, go_from_a_captcha_to_an_order) {
    const auto item = open_sale({.units = 10});
    const Reply picture = buyer().post(path(item, "captcha"), "");
    ASSERT_EQ(picture.status, 201) << picture.body;
    EXPECT_EQ(picture.text("/data/image"), "data:image/png;base64,RklYRUQ=");
    EXPECT_EQ(picture.text("/data/expires_at"), to_rfc3339(clock_.now() + 2min));

    const std::string solved = answer(picture.text("/data/captcha_id"), "FIXED");
    const Reply token = buyer().post(path(item, "token"), solved);
    ASSERT_EQ(token.status, 201) << token.body;
    EXPECT_EQ(token.text("/data/expires_at"), to_rfc3339(clock_.now() + kLease));
    EXPECT_EQ(gate_.counts(item).leases, 1);

    const Reply order = this->order(item, buyer(), body(token.text("/data/token"), address_));
    ASSERT_EQ(order.status, 201) << order.body;
    EXPECT_EQ(order.integer("/data/total"), 1100);
    EXPECT_EQ(order.text("/data/status"), "pending_payment");
    EXPECT_EQ(order.text("/data/expires_at"), to_rfc3339(clock_.now() + kUnpaidTtl));
    EXPECT_EQ(order.header("Idempotent-Replayed"), "");
    const OrderNo number{std::stoll(order.text("/data/order_no"))};
    EXPECT_EQ(status(number), "pending_payment");
    EXPECT_EQ(OrderWorld::order(number).user, buyer_);
    expect_stock(item, 9, 1, 0);
    EXPECT_EQ(gate_.counts(item).leases, 0);
    EXPECT_EQ(outcomes(item), "placed 1, token 1, captcha 1");
    expect_clean();
}

TEST_P(Shoppers, see_promotions_without_an_account) {
    const auto item = open_sale({});
    const Reply all = anyone_.get("/api/v1/promotions");
    ASSERT_EQ(all.status, 200);
    EXPECT_EQ(all.text("/data/list/0/items/0/item_id"), item.to_string());
    EXPECT_EQ(all.text("/data/server_time"), to_rfc3339(clock_.now()));
    EXPECT_EQ(verdict(anyone_.get("/api/v1/promotions?page=0")), "422 validation_failed");
    EXPECT_EQ(verdict(anyone_.get("/api/v1/promotions?page_size=101")), "422 validation_failed");
}

// One that nobody is signed in for tells as much: no session was looked at.
TEST_P(Shoppers, are_told_early_why_a_sale_is_not_open) {
    const auto item = open_sale({.starts_in = 10min, .lasts = 1h});
    const auto expect_all = [&](const std::string& expected) {
        for (const char* what : {"captcha", "token", "orders"}) {
            EXPECT_EQ(verdict(anyone_.post(path(item, what), "")), expected) << what;
            EXPECT_EQ(verdict(buyer().post(path(item, what), "not json")), expected) << what;
        }
        expect_untouched(item);
    };
    expect_all("403 not_open");
    clock_.jump(1h);
    expect_all("403 not_open");
    clock_.jump(-1h);
    clock_.advance(10min);
    EXPECT_EQ(verdict(anyone_.post(path(item, "captcha"), "")), "401 unauthenticated");
    set("paused = 1");
    expect_all("409 sale_paused");
    set("paused = 0");
    execute("UPDATE flash_sale_switch SET stopped = 1");
    loader_.reload_blocking();
    expect_all("503 sales_stopped");
    EXPECT_EQ(anyone_.post(path(item, "orders"), "").header("Retry-After"), "1");
    execute("UPDATE flash_sale_switch SET stopped = 0");
    loader_.reload_blocking();
    clock_.advance(1h);
    expect_all("410 sale_ended");
    EXPECT_EQ(outcomes(item), "sale_ended 6");
}

TEST_P(Shoppers, are_told_of_items_that_are_not_there) {
    open_sale({});
    for (const char* item : {"999", "0", "-1", "abc", "9223372036854775808", "1%00"}) {
        for (const char* what : {"captcha", "token", "orders"}) {
            const std::string target = std::string{"/api/v1/flash-sales/"} + item + '/' + what;
            const std::string text =
                what == std::string{"token"} ? answer("x", "y") : body("x", address_);
            EXPECT_EQ(buyer().post(target, text).status, 404) << target;
        }
    }
    const std::string target = "/api/v1/flash-sales/999";
    const std::string whole = body("x", address_);
    const std::string solved = answer("x", "y");
    EXPECT_EQ(verdict(buyer().post(target + "/orders", whole)), "404 promotion_item_not_found");
    EXPECT_EQ(verdict(buyer().post(target + "/token", solved)), "404 promotion_item_not_found");
    EXPECT_EQ(verdict(buyer().post(target + "/captcha", "")), "404 promotion_item_not_found");
    EXPECT_EQ(verdict(buyer().del(target + "/token")), "404 promotion_item_not_found");
    EXPECT_EQ(verdict(anyone_.post(target + "/orders", whole)), "401 unauthenticated");
}

TEST_P(Shoppers, are_told_early_that_all_is_sold_until_units_come_back) {
    const auto item = open_sale({.units = 1});
    const Buyer first = add_buyer();
    const auto placed = buy(item, first.user, first.address);
    ASSERT_TRUE(placed.has_value());
    for (const char* what : {"captcha", "token", "orders"}) {
        EXPECT_EQ(verdict(anyone_.post(path(item, what), "")), "409 sold_out") << what;
    }
    ASSERT_TRUE(cancel(first.user, placed->number).has_value());
    EXPECT_EQ(verdict(anyone_.post(path(item, "orders"), "")), "401 unauthenticated");
    EXPECT_EQ(order(item, buyer(), body(token(item, buyer()), address_)).status, 201);
    expect_clean();
}

TEST_P(Shoppers, need_a_captcha_that_is_their_own_and_right) {
    const auto item = open_sale({});
    const auto elsewhere = open_sale({});
    const auto try_token = [&](const std::string& id, const std::string& text) {
        return verdict(buyer().post(path(item, "token"), answer(id, text)));
    };
    const std::string mine = captcha(item, buyer());
    EXPECT_EQ(try_token(mine, "WRONG"), "422 captcha_wrong");
    EXPECT_EQ(try_token(mine, ""), "422 captcha_wrong");
    EXPECT_EQ(try_token("nobodys", "FIXED"), "410 captcha_gone");
    EXPECT_EQ(try_token(captcha(item, as(other_)), "FIXED"), "410 captcha_gone");
    EXPECT_EQ(try_token(captcha(elsewhere, buyer()), "FIXED"), "410 captcha_gone");
    EXPECT_EQ(
        verdict(as(other_).post(path(item, "token"), answer(mine, "FIXED"))), "410 captcha_gone"
    );
    EXPECT_EQ(try_token(mine, std::string(33, 'A')), "422 validation_failed");
    EXPECT_EQ(verdict(buyer().post(path(item, "token"), "{}")), "422 validation_failed");
    EXPECT_EQ(verdict(buyer().post(path(item, "token"), "[]")), "400 invalid_request");
    expect_untouched(item);

    EXPECT_EQ(try_token(mine, "WRONG"), "422 captcha_wrong");  // the third
    EXPECT_EQ(try_token(mine, "FIXED"), "410 captcha_gone");
    const std::string used = captcha(item, buyer());
    EXPECT_EQ(try_token(used, "FIXED"), "201");
    EXPECT_EQ(try_token(used, "FIXED"), "410 captcha_gone");
    const std::string old = captcha(item, buyer());
    clock_.advance(2min);
    EXPECT_EQ(try_token(old, "FIXED"), "410 captcha_gone");
    gate_.sweep();
    expect_untouched(item);
}

TEST_P(Shoppers, need_a_token_that_is_good_for_this_order) {
    const auto item = open_sale({});
    const auto elsewhere = open_sale({});
    const std::string good = token(item, buyer());
    TokenSigner forger{random_};
    const TokenClaims claims{
        .user = buyer_,
        .item = item,
        .epoch = 1,
        .window_ends = clock_.now() + 1h,
        .expires = clock_.now() + 1min,
        .nonce = 1};
    struct Row {
        const char* what;
        std::string token;
        const char* expected;
    };
    TokenClaims other_epoch = claims;
    other_epoch.epoch = 2;
    TokenClaims other_window = claims;
    other_window.window_ends += 1ms;
    const Row table[] = {
        {"of another window", tokens_.sign(other_window), "403 token_expired"},
        {"forged", forger.sign(claims), "403 token_invalid"},
        {"of no lease", tokens_.sign(claims), "409 token_used"},
        {"of another epoch", tokens_.sign(other_epoch), "403 token_expired"},
        {"of another user", token(item, as(other_)), "403 token_invalid"},
        {"for another item", token(elsewhere, buyer()), "403 token_invalid"},
        {"garbage", "garbage", "403 token_invalid"},
        {"cut", good.substr(1), "403 token_invalid"},
        {"too long", good + "A", "403 token_invalid"},
        {"far too long", std::string(5000, 'A'), "422 validation_failed"},
        {"empty", "", "422 validation_failed"},
    };
    for (const Row& row : table) {
        const std::string text = body(row.token, address_);
        EXPECT_EQ(verdict(order(item, buyer(), text)), row.expected) << row.what;
        EXPECT_EQ(verdict(order(item, buyer(), text, "key")), row.expected) << row.what;
    }
    expect_stock(item, 10, 0, 0);
    EXPECT_EQ(order(item, buyer(), body(good, address_)).status, 201);
    expect_stock(item, 9, 1, 0);
}

TEST_P(Shoppers, use_a_token_once_and_in_its_time) {
    const auto item = open_sale({.per_user_max = 5});
    const std::string used = token(item, buyer());
    ASSERT_EQ(order(item, buyer(), body(used, address_), "first").status, 201);
    EXPECT_EQ(verdict(order(item, buyer(), body(used, address_), "second")), "409 token_used");
    EXPECT_EQ(verdict(order(item, buyer(), body(used, address_))), "409 token_used");

    const std::string renewed = token(item, buyer());
    const std::string newer = token(item, buyer());
    EXPECT_EQ(gate_.counts(item).leases, 1);
    EXPECT_EQ(verdict(order(item, buyer(), body(renewed, address_))), "409 token_used");
    clock_.advance(kLease);
    EXPECT_EQ(verdict(order(item, buyer(), body(newer, address_))), "403 token_expired");

    const std::string given_back = token(item, buyer());
    EXPECT_EQ(buyer().del(path(item, "token")).status, 200);
    EXPECT_EQ(buyer().del(path(item, "token")).status, 200);
    EXPECT_EQ(gate_.counts(item).leases, 0);
    EXPECT_EQ(verdict(order(item, buyer(), body(given_back, address_))), "409 token_used");
    expect_stock(item, 9, 1, 0);
    expect_clean();
}

TEST_P(Shoppers, lose_their_tokens_with_the_epoch) {
    const auto item = open_sale({});
    const std::string old = token(item, buyer());
    write([&](sql::Transaction& tx) {
        const auto known = board_.find(item);
        stock::put(tx, item, {true, 2, known->window});
    });
    set("epoch = 2");
    EXPECT_EQ(verdict(order(item, buyer(), body(old, address_))), "403 token_expired");
    expect_stock(item, 10, 0, 0);
    EXPECT_EQ(order(item, buyer(), body(token(item, buyer()), address_)).status, 201);
}

TEST_P(Shoppers, send_orders_that_make_sense) {
    const auto item = open_sale({.per_user_max = 3, .per_order_max = 2});
    const std::string good = token(item, buyer());
    const AddressId foreign = shop_.add_address(other_);
    const struct {
        std::string text;
        const char* expected;
    } table[] = {
        {body(good, address_, "0"), "422 validation_failed"},
        {body(good, address_, "-1"), "422 validation_failed"},
        {body(good, address_, "9223372036854775808"), "422 validation_failed"},
        {body(good, address_, "1.5"), "422 validation_failed"},
        {body(good, address_, "\"1\""), "422 validation_failed"},
        {body(good, address_, "3"), "422 quantity_above_limit"},
        {body(good, address_, "9223372036854775807"), "422 quantity_above_limit"},
        {R"({"address_id":"1","quantity":1})", "422 validation_failed"},
        {R"({"token":")" + good + R"("})", "422 validation_failed"},
        {R"({"token":7,"address_id":"1"})", "422 validation_failed"},
        {"", "400 invalid_request"},
        {"[]", "400 invalid_request"},
        {std::string(17 * 1024, ' '), "400 invalid_request"},
    };
    for (const auto& row : table) {
        EXPECT_EQ(verdict(order(item, buyer(), row.text)), row.expected) << row.text.substr(0, 200);
        EXPECT_EQ(verdict(order(item, buyer(), row.text, "k")), row.expected);
    }
    const Reply negative = order(item, buyer(), body(good, address_, "-1"));
    EXPECT_TRUE(negative.blames("quantity"));
    EXPECT_EQ(
        verdict(order(item, buyer(), body(good, address_), std::string(256, 'k'))),
        "422 validation_failed"
    );
    expect_stock(item, 10, 0, 0);
    EXPECT_EQ(gate_.counts(item).leases, 1) << "none of these has used the token up";
    EXPECT_EQ(order(item, buyer(), body(good, address_, "2")).status, 201);
    expect_stock(item, 8, 2, 0);

    EXPECT_EQ(
        verdict(order(item, buyer(), body(token(item, buyer()), foreign))), "404 address_not_found"
    );
    EXPECT_EQ(
        verdict(order(item, buyer(), body(token(item, buyer()), address_, "2"))),
        "409 limit_reached"
    );
    // Without a quantity it is one unit.
    const std::string last = R"({"token":")" + token(item, buyer()) + R"(","address_id":")" +
                             address_.to_string() + "\"}";
    EXPECT_EQ(order(item, buyer(), last).status, 201);
    EXPECT_EQ(verdict(ask_token(item, buyer())), "409 limit_reached");
    expect_stock(item, 7, 3, 0);
    expect_clean();
}

TEST_P(Shoppers, get_the_first_answer_again_for_the_same_key) {
    const auto item = open_sale({.units = 1});
    const std::string text = body(token(item, buyer()), address_);
    const Reply first = order(item, buyer(), text, "my key");
    ASSERT_EQ(first.status, 201);
    ASSERT_TRUE(gate_.sold_out(item));
    const auto expect_same = [&](const char* when) {
        const Reply again = order(item, buyer(), text, "my key");
        EXPECT_EQ(again.status, 201) << when;
        EXPECT_EQ(again.body, first.body) << when;
        EXPECT_EQ(again.header("Idempotent-Replayed"), "true") << when;
    };
    expect_same("sold out");
    succeed(OrderNo{std::stoll(first.text("/data/order_no"))});
    expect_same("paid");
    set("paused = 1");
    expect_same("paused");
    clock_.advance(kLease);
    expect_same("after the token's end");

    EXPECT_EQ(
        verdict(order(item, buyer(), body("x", address_), "my key")), "422 idempotency_key_reused"
    );
    EXPECT_EQ(verdict(order(item, buyer(), text, "other key")), "409 sale_paused");
    // Another user's key of the same name is another key.
    EXPECT_EQ(verdict(order(item, as(other_), text, "my key")), "403 token_invalid");
    set("paused = 0");
    clock_.advance(2h);
    expect_same("after the sale");
    EXPECT_EQ(verdict(order(item, buyer(), text, "other key")), "410 sale_ended");
    expect_stock(item, 0, 0, 1);
    expect_clean();
}

TEST_P(Shoppers, wait_outside_when_the_door_is_full) {
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

TEST_P(Shoppers, learn_how_often_they_may_ask) {
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

TEST_P(Shoppers, of_one_address_share_a_limit_that_no_session_is_needed_for) {
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
TEST_P(Shoppers, of_a_rehearsal_are_its_own_buyers_only) {
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

TEST_P(Shoppers, are_told_to_come_again_when_too_many_orders_wait) {
    const auto item = open_sale({});
    BatchCommitter nobody_waits{database(), writer_, clock_, {.queue_max = 0}};
    OrderDesk busy{board_, gate_, seen_, nobody_waits, sale_clock_};
    ShopperRoutesDeps deps{
        entrance_,
        captchas_,
        tokens_,
        gate_,
        busy,
        rehearsal_buyers_,
        views_,
        sale_clock_,
        random_,
        kLease};
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
