#include <gtest/gtest.h>

#include "support/shopper_world.hpp"

namespace doorbuster::flash_sale {
namespace {

using namespace shopper_test;

class Shoppers : public ShopperWorld {};
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

}  // namespace
}  // namespace doorbuster::flash_sale
