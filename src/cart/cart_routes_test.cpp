#include "cart/cart_routes.hpp"

#include <gtest/gtest.h>

#include "cart/guest.hpp"
#include "support/manual_clock.hpp"
#include "support/route_client.hpp"
#include "support/seeded_random.hpp"
#include "support/shop_data.hpp"
#include "support/test_database.hpp"
#include "support/token_authenticator.hpp"

namespace doorbuster::cart {
namespace {

using test::Reply;
using test::RouteClient;

class CartRoutes : public test::DatabaseTest {
protected:
    CartRoutes() { router_.add(cart_routes(deps_)); }

    std::string line(SkuId sku, std::int64_t quantity) const {
        return R"({"sku_id":")" + sku.to_string() + R"(","quantity":)" + std::to_string(quantity) +
               "}";
    }
    static std::string path(SkuId sku) { return "/api/v1/cart/lines/" + sku.to_string(); }

    test::ManualClock clock_;
    test::SeededRandom random_{7};
    CartService carts_{clock_};
    test::ShopData shop_{database()};
    SkuId sku_ = shop_.add_stocked_sku(Money::fen(2500), 5, "茶壶 <b>");
    CartRoutesDeps deps_{database(), carts_, clock_, random_};
    test::TokenAuthenticator authenticator_;
    http::Router router_{authenticator_};
    RouteClient guest_{router_};
    RouteClient user_ = guest_.as("u42");
};
DOORBUSTER_ON_BOTH_ENGINES(CartRoutes);

TEST_P(CartRoutes, a_shopper_fills_changes_and_empties_a_cart) {
    Reply reply = user_.post("/api/v1/cart/lines", line(sku_, 2));
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.text("/data/lines/0/sku_id"), sku_.to_string());
    EXPECT_EQ(reply.text("/data/lines/0/title"), "茶壶 <b>");
    EXPECT_EQ(reply.integer("/data/lines/0/price"), 2500);
    EXPECT_EQ(reply.integer("/data/selected_total"), 5000);
    EXPECT_EQ(reply.header("Set-Cookie"), "") << "a signed-in shopper is no guest";

    reply = user_.patch(path(sku_), R"({"quantity":9,"selected":false})");
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.integer("/data/lines/0/quantity"), 9);
    EXPECT_EQ(reply.text("/data/lines/0/short_of_stock"), "true");
    EXPECT_EQ(reply.integer("/data/selected_total"), 0);

    reply = user_.put("/api/v1/cart/selection", R"({"selected":true})");
    EXPECT_EQ(reply.integer("/data/selected_total"), 22500);
    EXPECT_EQ(user_.get("/api/v1/cart").integer("/data/units"), 9);

    reply = user_.del(path(sku_));
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.integer("/data/count"), 0);
    user_.post("/api/v1/cart/lines", line(sku_, 1));
    EXPECT_EQ(user_.del("/api/v1/cart").integer("/data/count"), 0);
}

TEST_P(CartRoutes, a_guest_gets_a_token_with_the_first_write_by_cookie_and_header) {
    EXPECT_EQ(guest_.get("/api/v1/cart").header("Set-Cookie"), "");
    const Reply first = guest_.post("/api/v1/cart/lines", line(sku_, 2));
    ASSERT_EQ(first.status, 200) << first.body;
    const std::string token = first.cookie("db_guest");
    EXPECT_EQ(token.size(), kGuestTokenLength);
    EXPECT_EQ(first.header("X-Guest-Token"), token);
    const std::string cookie = first.header("Set-Cookie");
    EXPECT_NE(cookie.find("HttpOnly"), std::string::npos);
    EXPECT_NE(cookie.find("SameSite=Lax"), std::string::npos);
    EXPECT_EQ(cookie.find("Secure"), std::string::npos);
    EXPECT_EQ(
        integer("SELECT COUNT(*) FROM cart_items WHERE owner LIKE $1", {"%" + token + "%"}), 0
    );

    RouteClient browser = guest_;
    browser.cookies = "other=1; db_guest=" + token;
    EXPECT_EQ(browser.get("/api/v1/cart").integer("/data/units"), 2);
    EXPECT_EQ(browser.post("/api/v1/cart/lines", line(sku_, 1)).header("Set-Cookie"), "");
    const Reply app =
        guest_.send(http::Method::get, "/api/v1/cart", "", {{"X-Guest-Token", token}});
    EXPECT_EQ(app.integer("/data/units"), 3);
    EXPECT_EQ(guest_.get("/api/v1/cart").integer("/data/units"), 0);
}

TEST_P(CartRoutes, the_guest_cookie_is_secure_over_tls) {
    RouteClient tls = guest_;
    tls.secure = true;
    const Reply reply = tls.post("/api/v1/cart/lines", line(sku_, 1));
    EXPECT_NE(reply.header("Set-Cookie").find("; Secure"), std::string::npos);
}

TEST_P(CartRoutes, a_token_that_was_never_issued_by_us_is_not_taken) {
    RouteClient forger = guest_;
    forger.cookies = "db_guest=short";
    const Reply reply = forger.post("/api/v1/cart/lines", line(sku_, 1));
    ASSERT_EQ(reply.status, 200);
    EXPECT_EQ(reply.cookie("db_guest").size(), kGuestTokenLength);
}

TEST_P(CartRoutes, a_guests_cart_is_the_users_after_log_in) {
    const Reply first = guest_.post("/api/v1/cart/lines", line(sku_, 2));
    const std::string cookie = "db_guest=" + first.cookie("db_guest");
    const http::Request::Header header{"Cookie", cookie};
    http::Request login;
    login.headers = std::span{&header, 1};
    database().write_blocking([&](sql::Transaction& tx) {
        merge_guest_cart(tx, carts_, login, UserId{42});
    });
    EXPECT_EQ(user_.get("/api/v1/cart").integer("/data/units"), 2);
    RouteClient browser = guest_;
    browser.cookies = cookie;
    EXPECT_EQ(browser.get("/api/v1/cart").integer("/data/units"), 0);
}

TEST_P(CartRoutes, the_same_key_adds_once) {
    const RouteClient::Headers key{{"Idempotency-Key", "k1"}};
    const Reply first = user_.post("/api/v1/cart/lines", line(sku_, 2), key);
    const Reply again = user_.post("/api/v1/cart/lines", line(sku_, 2), key);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(user_.get("/api/v1/cart").integer("/data/units"), 2);
    EXPECT_EQ(user_.post("/api/v1/cart/lines", line(sku_, 3), key).status, 422);
    EXPECT_EQ(user_.get("/api/v1/cart").integer("/data/units"), 2);
}

TEST_P(CartRoutes, guests_behind_one_address_do_not_share_keys) {
    const RouteClient::Headers key{{"Idempotency-Key", "k1"}};
    const Reply first = guest_.post("/api/v1/cart/lines", line(sku_, 1));
    const Reply second = guest_.post("/api/v1/cart/lines", line(sku_, 1));
    for (const Reply* reply : {&first, &second}) {
        RouteClient browser = guest_;
        browser.cookies = "db_guest=" + reply->cookie("db_guest");
        const Reply added = browser.post("/api/v1/cart/lines", line(sku_, 4), key);
        EXPECT_EQ(added.header("Idempotent-Replayed"), "");
        EXPECT_EQ(added.integer("/data/units"), 5);
    }
}

TEST_P(CartRoutes, bad_input_is_named_and_changes_nothing) {
    struct Case {
        std::string body;
        int status;
        std::string field;
    };
    const std::string id = sku_.to_string();
    const std::vector<Case> cases = {
        {"", 400, ""},
        {"[]", 400, ""},
        {"{", 400, ""},
        {"{}", 422, "sku_id"},
        {R"({"sku_id":")" + id + R"("})", 422, "quantity"},
        {R"({"sku_id":")" + id + R"(","quantity":0})", 422, "quantity"},
        {R"({"sku_id":")" + id + R"(","quantity":-1})", 422, "quantity"},
        {R"({"sku_id":")" + id + R"(","quantity":1000})", 422, "quantity"},
        {R"({"sku_id":")" + id + R"(","quantity":1.5})", 422, "quantity"},
        {R"({"sku_id":")" + id + R"(","quantity":"x"})", 422, "quantity"},
        {R"({"sku_id":")" + id + R"(","quantity":9223372036854775808})", 422, "quantity"},
        {R"({"sku_id":"1; DROP TABLE cart_items","quantity":1})", 422, "sku_id"},
        {R"({"sku_id":"99999999999999999999","quantity":1})", 422, "sku_id"}};
    for (const Case& bad : cases) {
        const Reply reply = user_.post("/api/v1/cart/lines", bad.body);
        EXPECT_EQ(reply.status, bad.status) << bad.body << ' ' << reply.body;
        const bool blamed = bad.field.empty() || reply.blames(bad.field);
        EXPECT_TRUE(blamed) << bad.body << reply.body;
    }
    EXPECT_EQ(user_.post("/api/v1/cart/lines", line(SkuId{987654}, 1)).error(), "sku_not_found");
    EXPECT_EQ(user_.patch(path(sku_), R"({"quantity":1})").error(), "cart_line_not_found");
    EXPECT_EQ(user_.patch(path(sku_), "{}").status, 422);
    EXPECT_EQ(user_.patch(path(sku_), R"({"quantity":0})").status, 422);
    EXPECT_EQ(user_.patch("/api/v1/cart/lines/x", R"({"quantity":1})").status, 404);
    EXPECT_EQ(user_.del(path(sku_)).status, 404);
    EXPECT_EQ(user_.put("/api/v1/cart/selection", R"({"selected":"yes"})").status, 422);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM cart_items"), 0);
}

TEST_P(CartRoutes, a_session_that_has_ended_is_not_taken_for_a_guest) {
    EXPECT_EQ(guest_.as("expired").get("/api/v1/cart").status, 401);
}

}  // namespace
}  // namespace doorbuster::cart
