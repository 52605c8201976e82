#include "orders/order_routes.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "payments/errors.hpp"
#include "support/order_world.hpp"
#include "support/route_client.hpp"
#include "support/token_authenticator.hpp"

namespace doorbuster::orders {
namespace {

using test::Reply;
using test::RouteClient;
using Headers = RouteClient::Headers;

class OrderRoutes : public test::OrderWorld {
protected:
    OrderRoutes() {
        router_.add(order_routes(deps_));
        router_.add(staff_order_routes(deps_));
        router_.add(checkout_routes(deps_));
    }

    RouteClient as(char kind, UserId user) const { return guest_.as(kind + user.to_string()); }

    std::string body(SkuId sku, std::int64_t quantity, const std::string& more = "") const {
        return R"({"address_id":")" + address_.to_string() + R"(","lines":[{"sku_id":")" +
               sku.to_string() + R"(","quantity":)" + std::to_string(quantity) + "}]" + more + "}";
    }
    std::string place(SkuId sku, std::int64_t quantity) const {
        return buyer().post("/api/v1/orders", body(sku, quantity)).text("/data/order_no");
    }
    static std::string path(const std::string& number) { return "/api/v1/orders/" + number; }
    static std::string admin(const std::string& number) { return "/api/admin/v1/orders/" + number; }
    static std::string payment(const std::string& number, const std::string& more = "") {
        return R"({"order_no":")" + number + R"(","provider":"wechat_pay")" + more + "}";
    }
    void pay(const std::string& number) { succeed(OrderNo{std::stoll(number)}); }

    RouteClient buyer() const { return as('u', buyer_); }
    RouteClient other() const { return as('u', other_); }
    RouteClient staff() const { return as('o', staff_); }

    OrderRoutesDeps deps_{database(), service_, checkout_, clock_};
    test::TokenAuthenticator authenticator_;
    http::Router router_{authenticator_};
    RouteClient guest_{router_};
};
DOORBUSTER_ON_BOTH_ENGINES(OrderRoutes);

TEST_P(OrderRoutes, an_order_is_placed_listed_and_shown) {
    const Reply placed_reply =
        buyer().post("/api/v1/orders", body(teapot_, 2, R"(,"note":"ring twice")"));
    ASSERT_EQ(placed_reply.status, 201) << placed_reply.body;
    EXPECT_EQ(placed_reply.integer("/data/total"), 6000);
    EXPECT_EQ(placed_reply.text("/data/status"), "pending_payment");
    EXPECT_EQ(
        placed_reply.text("/data/expires_at"), to_rfc3339(clock_.now() + std::chrono::minutes{30})
    );
    const std::string number = placed_reply.text("/data/order_no");

    const Reply list = buyer().get("/api/v1/orders?status=pending_payment&page_size=5");
    ASSERT_EQ(list.status, 200) << list.body;
    EXPECT_EQ(list.integer("/data/total"), 1);
    EXPECT_EQ(list.integer("/data/page_size"), 5);
    EXPECT_EQ(list.text("/data/list/0/order_no"), number);
    EXPECT_EQ(list.text("/data/list/0/items/0/title"), "茶壶");
    EXPECT_EQ(buyer().get("/api/v1/orders?status=paid").integer("/data/total"), 0);

    const Reply shown = buyer().get(path(number));
    ASSERT_EQ(shown.status, 200) << shown.body;
    EXPECT_EQ(shown.text("/data/note"), "ring twice");
    EXPECT_EQ(shown.text("/data/address/detail"), "1 Lake Road");
    EXPECT_EQ(shown.text("/data/payment_status"), "unpaid");
    EXPECT_EQ(shown.integer("/data/items/0/subtotal"), 5000);
    EXPECT_EQ(shown.text("/data/items/0/promotion"), "null");
    EXPECT_EQ(shown.text("/data/events/0/kind"), "placed");
    EXPECT_EQ(shown.text("/data/events/0/actor"), "shopper");
    EXPECT_EQ(shown.text("/data/paid_at"), "null");
}

TEST_P(OrderRoutes, lists_are_paged_the_newest_first) {
    std::vector<std::string> numbers;
    for (int i = 0; i < 5; ++i) {
        clock_.advance(Milliseconds{1});
        numbers.push_back(place(cup_, 1));
    }
    const Reply second = buyer().get("/api/v1/orders?page=2&page_size=2");
    EXPECT_EQ(second.integer("/data/total"), 5);
    ASSERT_EQ(second.size("/data/list"), 2u);
    EXPECT_EQ(second.text("/data/list/0/order_no"), numbers[2]);
    EXPECT_EQ(second.text("/data/list/1/order_no"), numbers[1]);
    EXPECT_EQ(other().get("/api/v1/orders").integer("/data/total"), 0);
}

TEST_P(OrderRoutes, the_same_key_and_body_place_one_order) {
    const Headers key{{"Idempotency-Key", "k1"}};
    const Reply first = buyer().post("/api/v1/orders", body(teapot_, 2), key);
    const Reply again = buyer().post("/api/v1/orders", body(teapot_, 2), key);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    const Reply mismatch = buyer().post("/api/v1/orders", body(teapot_, 3), key);
    EXPECT_EQ(mismatch.status, 422);
    EXPECT_EQ(mismatch.error(), "idempotency_key_reused");
    EXPECT_EQ(integer("SELECT COUNT(*) FROM orders"), 1);
    expect_level(teapot_, 8, 2, 0);
    expect_clean();
}

TEST_P(OrderRoutes, a_refused_order_may_be_sent_again_with_its_key) {
    const Headers key{{"Idempotency-Key", "k1"}};
    EXPECT_EQ(buyer().post("/api/v1/orders", body(teapot_, 11), key).error(), "out_of_stock");
    execute("UPDATE stock SET available = 11 WHERE sku_id = $1", {teapot_});
    EXPECT_EQ(buyer().post("/api/v1/orders", body(teapot_, 11), key).status, 201);
}

TEST_P(OrderRoutes, requests_at_once_with_one_key_place_one_order) {
    std::atomic<int> created = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i) {
        threads.emplace_back([&] {
            const Headers key{{"Idempotency-Key", "k1"}};
            if (buyer().post("/api/v1/orders", body(teapot_, 1), key).status == 201) ++created;
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(created, 6);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM orders"), 1);
    expect_clean();
}

TEST_P(OrderRoutes, many_shoppers_on_the_last_units_get_201_or_409_and_nothing_else) {
    std::vector<std::string> bodies;
    std::vector<RouteClient> shoppers;
    for (int i = 0; i < 8; ++i) {
        const UserId user = shop_.add_user("shopper" + std::to_string(i));
        shoppers.push_back(as('u', user));
        bodies.push_back(
            R"({"address_id":")" + shop_.add_address(user).to_string() +
            R"(","lines":[{"sku_id":")" + teapot_.to_string() + R"(","quantity":1}]})"
        );
    }
    std::atomic<int> created = 0;
    std::atomic<int> sold_out = 0;
    std::atomic<int> others = 0;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < shoppers.size(); ++i) {
        threads.emplace_back([&, i] {
            for (int n = 0; n < 3; ++n) {
                const int status = shoppers[i].post("/api/v1/orders", bodies[i]).status;
                ++(status == 201 ? created : status == 409 ? sold_out : others);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(created, 10);
    EXPECT_EQ(sold_out, 14);
    EXPECT_EQ(others, 0);
    expect_clean();
}

TEST_P(OrderRoutes, bad_orders_are_told_the_field_at_fault_and_change_nothing) {
    struct Case {
        std::string body;
        int status;
        std::string field;
    };
    const std::string address = R"("address_id":")" + address_.to_string() + R"(")";
    const auto line = [&](const std::string& sku, const std::string& quantity) {
        return "{" + address + R"(,"lines":[{"sku_id":)" + sku + R"(,"quantity":)" + quantity +
               "}]}";
    };
    const std::string sku = '"' + teapot_.to_string() + '"';
    std::string many = "{" + address + R"(,"lines":[)";
    for (int i = 0; i < 101; ++i) many += (i ? ",{}" : "{}");
    many += "]}";
    const std::vector<Case> cases = {
        {"", 400, ""},
        {"{", 400, ""},
        {"[1]", 400, ""},
        {"{}", 422, "address_id"},
        {R"({"address_id":"x"})", 422, "address_id"},
        {R"({"address_id":null})", 422, "address_id"},
        {"{" + address + R"(,"lines":[]})", 422, "lines"},
        {"{" + address + R"(,"lines":"all"})", 422, "lines"},
        {"{" + address + R"(,"lines":[7]})", 422, "lines[0]"},
        {many, 422, "lines"},
        {line(sku, "0"), 422, "lines[0].quantity"},
        {line(sku, "-1"), 422, "lines[0].quantity"},
        {line(sku, "1000"), 422, "lines[0].quantity"},
        {line(sku, "9223372036854775808"), 422, "lines[0].quantity"},
        {line(sku, "1e3"), 422, "lines[0].quantity"},
        {line(sku, "\"many\""), 422, "lines[0].quantity"},
        {line("\"1 OR 1=1\"", "1"), 422, "lines[0].sku_id"},
        {line("\"987654\"", "1"), 422, "skus[987654]"},
        {body(teapot_, 1, R"(,"expected_total":-1)"), 422, "expected_total"},
        {body(teapot_, 1, R"(,"expected_total":1)"), 409, "total"},
        {body(teapot_, 1, R"(,"note":7)"), 422, "note"},
        {body(teapot_, 1, R"(,"note":")" + std::string(501, 'x') + "\""), 422, "note"},
        {body(teapot_, 1, ",\"note\":\"a\\u0000b\""), 422, "note"},
        {body(teapot_, 1, ",\"note\":\"\xff\xfe\""), 400, ""},
        {body(teapot_, 11), 409, "skus[" + teapot_.to_string() + "]"}};
    for (const Case& bad : cases) {
        const Reply reply = buyer().post("/api/v1/orders", bad.body);
        EXPECT_EQ(reply.status, bad.status) << bad.body << ' ' << reply.body;
        const bool blamed = bad.field.empty() || reply.blames(bad.field);
        EXPECT_TRUE(blamed) << bad.body << ' ' << reply.body;
    }
    EXPECT_EQ(buyer().get("/api/v1/orders?status=lost").status, 422);
    EXPECT_EQ(buyer().get("/api/v1/orders?page=0").status, 422);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM orders"), 0);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM idempotency_keys"), 0);
    expect_level(teapot_, 10, 0, 0);
}

TEST_P(OrderRoutes, cancelling_answers_the_order_and_refuses_with_a_stable_error) {
    const std::string number = place(teapot_, 1);
    const Reply first = buyer().post(path(number) + "/cancel", "");
    EXPECT_EQ(first.status, 200) << first.body;
    EXPECT_EQ(first.text("/data/status"), "closed");
    EXPECT_EQ(buyer().post(path(number) + "/cancel", "").status, 200);
    const std::string paid = place(teapot_, 1);
    pay(paid);
    EXPECT_EQ(
        staff().post(admin(paid) + "/ship", R"({"carrier":"SF","tracking_number":"1"})").status, 200
    );
    const Reply refused = buyer().post(path(paid) + "/cancel", "");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.error(), "order_not_cancellable");
}

TEST_P(OrderRoutes, staff_ship_and_the_shopper_confirms) {
    const std::string number = place(teapot_, 1);
    const std::string parcel = R"({"carrier":"SF Express","tracking_number":"SF1"})";
    EXPECT_EQ(staff().post(admin(number) + "/ship", parcel).error(), "order_not_shippable");
    EXPECT_EQ(buyer().post(path(number) + "/confirm", "").error(), "order_not_confirmable");
    pay(number);
    EXPECT_TRUE(staff().post(admin(number) + "/ship", "{}").blames("carrier"));
    const Reply shipped = staff().post(admin(number) + "/ship", parcel);
    EXPECT_EQ(shipped.status, 200) << shipped.body;
    EXPECT_EQ(shipped.text("/data/tracking_number"), "SF1");
    EXPECT_EQ(buyer().get(path(number)).text("/data/events/2/actor"), "staff");
    const Reply confirmed = buyer().post(path(number) + "/confirm", "");
    EXPECT_EQ(confirmed.text("/data/status"), "completed");
    EXPECT_EQ(buyer().post(path(number) + "/confirm", "").status, 200);
}

TEST_P(OrderRoutes, staff_list_show_and_cancel_orders_of_everybody) {
    const std::string number = place(teapot_, 1);
    EXPECT_EQ(staff().get("/api/admin/v1/orders").integer("/data/total"), 1);
    const std::string of_buyer = "/api/admin/v1/orders?user_id=" + buyer_.to_string();
    EXPECT_EQ(staff().get(of_buyer).integer("/data/total"), 1);
    const std::string of_other = "/api/admin/v1/orders?user_id=" + other_.to_string();
    EXPECT_EQ(staff().get(of_other).integer("/data/total"), 0);
    EXPECT_EQ(staff().get("/api/admin/v1/orders?status=paid").integer("/data/total"), 0);
    const std::string unpaid = "/api/admin/v1/orders?payment_status=unpaid";
    EXPECT_EQ(staff().get(unpaid).integer("/data/total"), 1);
    EXPECT_EQ(staff().get(of_buyer + "&payment_status=unpaid").integer("/data/total"), 1);
    EXPECT_EQ(staff().get(of_buyer + "&payment_status=paid").integer("/data/total"), 0);
    EXPECT_EQ(staff().get(admin(number)).text("/data/user_id"), buyer_.to_string());
    EXPECT_EQ(staff().get(admin("1")).status, 404);
    EXPECT_EQ(staff().post(admin(number) + "/cancel", "").text("/data/close_reason"), "merchant");
}

// Owner, another shopper, a guest, staff without the right, staff with it.
TEST_P(OrderRoutes, let_in_whom_they_may) {
    const std::string number = place(teapot_, 1);
    const RouteClient clerk = as('c', staff_);
    const std::string parcel = R"({"carrier":"SF","tracking_number":"1"})";
    struct Case {
        http::Method method;
        std::string target;
        std::string body;
        int owner, other, guest, clerk, staff;
    };
    using http::Method;
    const std::string mine = path(number);
    const std::string theirs = admin(number);
    const std::vector<Case> cases = {
        {Method::get, mine, "", 200, 404, 401, 404, 404},
        {Method::post, "/api/v1/payments", payment(number), 201, 404, 401, 404, 404},
        {Method::post, mine + "/confirm", "", 409, 404, 401, 404, 404},
        {Method::get, "/api/v1/orders", "", 200, 200, 401, 200, 200},
        {Method::post, "/api/v1/orders", body(cup_, 1), 201, 404, 401, 404, 404},
        {Method::get, "/api/admin/v1/orders", "", 403, 403, 401, 403, 200},
        {Method::get, theirs, "", 403, 403, 401, 403, 200},
        {Method::post, theirs + "/ship", parcel, 403, 403, 401, 403, 409},
        {Method::post, theirs + "/cancel", "", 403, 403, 401, 403, 200},
        {Method::post, mine + "/cancel", "", 200, 404, 401, 404, 404}};
    for (const Case& row : cases) {
        const auto status = [&](const RouteClient& client) {
            return client.send(row.method, row.target, row.body).status;
        };
        EXPECT_EQ(status(guest_), row.guest) << row.target;
        EXPECT_EQ(status(other()), row.other) << row.target;
        EXPECT_EQ(status(clerk), row.clerk) << row.target;
        EXPECT_EQ(status(buyer()), row.owner) << row.target;
        EXPECT_EQ(status(staff()), row.staff) << row.target;
    }
}

TEST_P(OrderRoutes, paying_asks_for_the_orders_amount_and_no_other) {
    const std::string number = place(teapot_, 1);
    const Reply reply = buyer().post("/api/v1/payments", payment(number, R"(,"amount":1)"));
    ASSERT_EQ(reply.status, 201) << reply.body;
    EXPECT_EQ(reply.text("/data/id"), "77");
    EXPECT_EQ(reply.text("/data/status"), "pending");
    EXPECT_EQ(reply.text("/data/order_no"), number);
    EXPECT_EQ(reply.text("/data/qr_svg"), "<svg/>");
    EXPECT_NE(reply.text("/data/code_url").find("weixin://"), std::string::npos);
    EXPECT_EQ(reply.text("/data/ignored/0"), "amount");
    ASSERT_EQ(checkout_.asked().size(), 1u);
    const auto asked = checkout_.asked()[0];
    EXPECT_EQ(asked.amount, Money::fen(3500));
    EXPECT_EQ(asked.reference, number);
    EXPECT_EQ(asked.owner, buyer_.to_string());
    EXPECT_EQ(asked.description, "茶壶");
    EXPECT_EQ(asked.expires_at, clock_.now() + std::chrono::minutes{30});
    EXPECT_FALSE(buyer().post("/api/v1/payments", payment(number)).has("/data/ignored"));
}

TEST_P(OrderRoutes, the_same_key_pays_once_and_is_answered_twice) {
    const std::string number = place(teapot_, 1);
    const Headers key{{"Idempotency-Key", "k1"}};
    const Reply first = buyer().post("/api/v1/payments", payment(number), key);
    const Reply again = buyer().post("/api/v1/payments", payment(number), key);
    EXPECT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(checkout_.asked().size(), 1u);
    const std::string other_number = place(cup_, 1);
    EXPECT_EQ(buyer().post("/api/v1/payments", payment(other_number), key).status, 422);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM idempotency_keys WHERE status IS NULL"), 0);
}

TEST_P(OrderRoutes, a_refused_payment_may_be_asked_for_again_with_its_key) {
    const std::string number = place(teapot_, 1);
    const Headers key{{"Idempotency-Key", "k1"}};
    checkout_.refuse_with(&payments::kProviderUnavailable);
    EXPECT_EQ(buyer().post("/api/v1/payments", payment(number), key).status, 503);
    checkout_.refuse_with(nullptr);
    EXPECT_EQ(buyer().post("/api/v1/payments", payment(number), key).status, 201);
}

TEST_P(OrderRoutes, nothing_is_paid_that_is_closed_or_paid_or_someone_elses) {
    const std::string closed = place(teapot_, 1);
    buyer().post(path(closed) + "/cancel", "");
    EXPECT_EQ(buyer().post("/api/v1/payments", payment(closed)).status, 409);
    EXPECT_EQ(buyer().post("/api/v1/payments", payment(closed)).error(), "order_closed");
    const std::string paid = place(teapot_, 1);
    pay(paid);
    EXPECT_EQ(buyer().post("/api/v1/payments", payment(paid)).error(), "order_already_paid");
    const std::string open = place(teapot_, 1);
    EXPECT_EQ(other().post("/api/v1/payments", payment(open)).error(), "order_not_found");
    EXPECT_EQ(buyer().post("/api/v1/payments", payment("12345")).status, 404);
    EXPECT_TRUE(buyer().post("/api/v1/payments", "{}").blames("provider"));
    EXPECT_TRUE(checkout_.asked().empty());
}

TEST_P(OrderRoutes, an_unknown_order_number_in_the_path_is_not_found) {
    for (const char* number : {"x", "0", "-1", "99999999999999999999", "1%20OR%201=1"}) {
        EXPECT_EQ(buyer().get(path(number)).status, 404) << number;
        EXPECT_EQ(buyer().post(path(number) + "/cancel", "").status, 404) << number;
    }
}

TEST_P(OrderRoutes, let_staff_take_goods_back) {
    const std::string number = place(teapot_, 2);
    pay(number);
    const std::string returns = admin(number) + "/returns";
    EXPECT_EQ(buyer().post(returns, R"({"refund":1,"reason":"r"})").status, 403);
    EXPECT_TRUE(staff().post(returns, R"({"reason":"r"})").blames("refund"));
    EXPECT_TRUE(staff().post(returns, R"({"refund":-1,"reason":"r"})").blames("refund"));
    EXPECT_TRUE(staff().post(returns, R"({"refund":1})").blames("reason"));
    const std::string line = R"({"sku_id":")" + teapot_.to_string() + R"(","quantity":)";
    const std::string body = R"({"refund":2500,"reason":"broken","restock":[)" + line + "1}]}";
    EXPECT_TRUE(staff()
                    .post(returns, R"({"reason":"r","restock":[)" + line + "0}]}")
                    .blames("restock[0].quantity"));
    const Reply taken = staff().post(returns, body);
    ASSERT_EQ(taken.status, 200) << taken.body;
    EXPECT_EQ(taken.text("/data/payment_status"), "refunding");
    EXPECT_EQ(staff().get(admin(number)).integer("/data/items/0/returned"), 1);
    const std::string more = R"({"reason":"r","restock":[)" + line + "2}]}";
    EXPECT_EQ(staff().post(returns, more).error(), "return_too_many");
    EXPECT_EQ(staff().post(admin("12345") + "/returns", body).status, 404);
}

}  // namespace
}  // namespace doorbuster::orders
