#include "flash_sale/staff/promotion_routes.hpp"

#include <gtest/gtest.h>

#include "support/promotion_world.hpp"
#include "support/route_client.hpp"
#include "support/token_users.hpp"

namespace doorbuster::flash_sale {
namespace {

using std::chrono::hours;
using test::Reply;
using test::RouteClient;

constexpr const char* kRoot = "/api/admin/v1/promotions";
constexpr const char* kSwitch = "/api/admin/v1/flash-sales/switch";

class StaffPromotions : public test::PromotionWorld {
protected:
    void SetUp() override {
        PromotionWorld::SetUp();
        if (!IsSkipped()) router_.add(staff_promotion_routes(deps_));
    }

    RouteClient as(const std::string& right) const {
        return guest_.as(staff_.to_string() + (right.empty() ? "" : "-" + right));
    }

    std::string at(Milliseconds from_now) const { return to_rfc3339(clock_.now() + from_now); }
    std::string item(SkuId sku, const std::string& more = R"("allotment":4)") const {
        return R"({"sku_id":")" + sku.to_string() + R"(","price":100,)" + more + "}";
    }
    // On now, for an hour.
    std::string body(const std::string& items, const std::string& more = "") const {
        return R"({"name":"Double 11","starts_at":")" + at(Milliseconds{0}) + R"(","ends_at":")" +
               at(hours{1}) + R"(","items":[)" + items + "]" + more + "}";
    }
    Reply create(const std::string& text) const { return marketing_.post(kRoot, text); }
    // The path of a promotion that is on.
    std::string open() const { return open(item(teapot_)); }
    std::string open(const std::string& items) const {
        const std::string path = kRoot + ("/" + create(body(items)).text("/data/id"));
        EXPECT_EQ(marketing_.post(path + "/publish", "").status, 200);
        return path;
    }
    PromotionItemId item_of(const std::string& path) const {
        return PromotionItemId{std::stoll(marketing_.get(path).text("/data/items/0/id"))};
    }

    SaleMeter meter_{clock_};
    PromotionRoutesDeps deps_{database(), promotions_, loader_, gate_, meter_, sale_clock_, clock_};
    test::TokenUsers users_;
    http::Router router_{users_};
    RouteClient guest_{router_};
    RouteClient marketing_ = as("marketing");
};
DOORBUSTER_ON_BOTH_ENGINES(StaffPromotions);

TEST_P(StaffPromotions, are_for_marketing_only) {
    const std::string path = open();
    const std::string one = path + "/items/" + item_of(path).to_string();
    const std::vector<std::pair<http::Method, std::string>> routes = {
        {http::Method::get, kRoot},
        {http::Method::post, kRoot},
        {http::Method::get, path},
        {http::Method::patch, path},
        {http::Method::del, path},
        {http::Method::post, path + "/publish"},
        {http::Method::post, path + "/pause"},
        {http::Method::post, path + "/resume"},
        {http::Method::post, path + "/end"},
        {http::Method::put, path + "/window"},
        {http::Method::post, one + "/units"},
        {http::Method::get, path + "/live"},
        {http::Method::get, kSwitch},
        {http::Method::put, kSwitch}};
    EXPECT_EQ(staff_promotion_routes(deps_).size(), routes.size());
    for (const auto& [method, target] : routes) {
        EXPECT_EQ(guest_.send(method, target, "{}").status, 401) << target;
        for (const char* right : {"", "catalog", "orders", "finance"}) {
            EXPECT_EQ(as(right).send(method, target, "{}").status, 403) << target << right;
        }
        EXPECT_NE(as("admin").send(http::Method::get, kRoot).status, 403);
    }
    EXPECT_EQ(deeds(), "promotion.created,promotion.published");
}

TEST_P(StaffPromotions, are_created_and_shown) {
    const Reply made = create(body(
        item(teapot_, R"("allotment":4,"per_user_max":3)") + "," +
        item(cup_, R"("allotment":5,"per_user_max":3,"per_order_max":2)")
    ));
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.text("/data/name"), "Double 11");
    EXPECT_EQ(made.text("/data/state"), "draft");
    EXPECT_EQ(made.text("/data/phase"), "draft") << "nothing is sold, whatever the window says";
    EXPECT_EQ(made.text("/data/ends_at"), at(hours{1}));
    EXPECT_EQ(made.text("/data/items/0/sku_id"), teapot_.to_string());
    EXPECT_EQ(made.integer("/data/items/0/per_order_max"), 3);
    EXPECT_EQ(made.integer("/data/items/1/per_order_max"), 2);
    EXPECT_EQ(made.text("/data/published_at"), "null");

    const Reply shown = marketing_.get(kRoot + ("/" + made.text("/data/id")));
    EXPECT_EQ(shown.text("/data"), made.text("/data"));
    const Reply listed = marketing_.get(std::string{kRoot} + "?state=draft&page_size=1");
    EXPECT_EQ(listed.integer("/data/total"), 1);
    EXPECT_EQ(listed.text("/data/list/0"), made.text("/data"));
    EXPECT_EQ(marketing_.get(std::string{kRoot} + "?state=ended").integer("/data/total"), 0);
}

TEST_P(StaffPromotions, are_created_once_for_one_key) {
    const std::string text = body(item(teapot_));
    const RouteClient::Headers key = {{"Idempotency-Key", "one"}};
    const Reply first = marketing_.post(kRoot, text, key);
    const Reply again = marketing_.post(kRoot, text, key);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.text("/data/id"), first.text("/data/id"));
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(marketing_.post(kRoot, body(item(cup_)), key).error(), "idempotency_key_reused");
    EXPECT_EQ(integer("SELECT COUNT(*) FROM promotions"), 1);
}

TEST_P(StaffPromotions, refuse_every_bad_body_and_blame_the_field) {
    const std::string sku = teapot_.to_string();
    const std::string good = item(teapot_);
    const auto named = [&](const std::string& name) {
        return R"({"name":)" + name + R"(,"starts_at":")" + at(Milliseconds{0}) +
               R"(","ends_at":")" + at(hours{1}) + R"(","items":[]})";
    };
    const auto timed = [](const std::string& from, const std::string& to) {
        return R"({"name":"x","starts_at":)" + from + R"(,"ends_at":)" + to + R"(,"items":[]})";
    };
    const auto priced = [&](const std::string& price) {
        return body(R"({"sku_id":")" + sku + R"(","price":)" + price + R"(,"allotment":1})");
    };
    const std::string now = '"' + at(Milliseconds{0}) + '"';
    struct Bad {
        std::string body;
        const char* field;
    };
    const std::vector<Bad> bad = {
        {R"({"starts_at":"2026-11-11T00:00:00Z","ends_at":"2026-11-12T00:00:00Z"})", "name"},
        {named("\"\""), "name"},
        {named("7"), "name"},
        {named('"' + std::string(101, 'x') + '"'), "name"},
        {named(R"("a\u0000b")"), "name"},
        {R"({"name":"x","ends_at":"2026-11-12T00:00:00Z"})", "starts_at"},
        {timed("\"soon\"", now), "starts_at"},
        {timed("1790000000", now), "starts_at"},
        {timed(now, "null"), "ends_at"},
        {timed(now, R"("9999-12-31T23:59:59-23:59")"), "ends_at"},
        {timed(R"("0000-01-01T00:00:00+23:59")", now), "starts_at"},
        {timed(now, now), "ends_at"},
        {body(good + "," + good), "items[1].sku_id"},
        {body(R"({"price":100,"allotment":1})"), "items[0].sku_id"},
        {body(R"({"sku_id":"x","price":100,"allotment":1})"), "items[0].sku_id"},
        {priced("0"), "items[0].price"},
        {priced("-1"), "items[0].price"},
        {priced("1.5"), "items[0].price"},
        {priced("99999999999999999999"), "items[0].price"},
        {priced("2501"), "items[0].price"},  // above the ordinary price
        {body(item(teapot_, R"("allotment":0)")), "items[0].allotment"},
        {body(item(teapot_, R"("allotment":10000001)")), "items[0].allotment"},
        {body(item(teapot_, R"("allotment":"4")")), "items[0].allotment"},
        {body(item(teapot_, R"("allotment":4,"per_user_max":0)")), "items[0].per_user_max"},
        {body(item(teapot_, R"("allotment":4,"per_user_max":101)")), "items[0].per_user_max"},
        {body(item(teapot_, R"("allotment":4,"per_user_max":2,"per_order_max":3)")),
         "items[0].per_order_max"},
        {body("7"), "items[0]"},
        {body(good, R"(,"shadow":"yes")"), "shadow"},
    };
    for (const auto& [text, field] : bad) {
        const Reply reply = create(text);
        EXPECT_EQ(reply.status, 422) << text << reply.body;
        EXPECT_TRUE(reply.blames(field)) << text << reply.body;
    }
    for (const char* text : {"", "[]", "{", "\"x\"", "{\"name\":\"\xff\"}"}) {
        EXPECT_EQ(create(text).status, 400) << text;
    }
    const Reply unknown = create(body(item(SkuId{999})));
    EXPECT_EQ(unknown.status, 422);
    EXPECT_EQ(unknown.error(), "unknown_reference");
    EXPECT_TRUE(unknown.blames("items[0].sku_id"));
    EXPECT_EQ(integer("SELECT COUNT(*) FROM promotions"), 0);
}

TEST_P(StaffPromotions, hold_a_bounded_number_of_items) {
    std::string items;
    for (int i = 0; i <= 200; ++i) items += (i > 0 ? "," : "") + item(SkuId{1000 + i});
    EXPECT_TRUE(create(body(items)).blames("items"));
}

TEST_P(StaffPromotions, keep_any_text_as_it_is) {
    const std::string name = "<script>alert(1)</script>'; DROP TABLE promotions; --";
    const Reply made = create(
        R"({"name":")" + name +
        R"(","starts_at":"2026-11-11T00:00:00+08:00","ends_at":)"
        R"("2026-11-12T00:00:00Z","items":[]})"
    );
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.text("/data/name"), name);
    EXPECT_EQ(made.text("/data/starts_at"), "2026-11-10T16:00:00.000Z");
}

TEST_P(StaffPromotions, that_do_not_exist_are_not_found) {
    for (const char* id : {"999", "0", "x", "-1", "99999999999999999999", "%00"}) {
        const std::string path = std::string{kRoot} + "/" + id;
        for (const Reply& reply :
             {marketing_.get(path),
              marketing_.patch(path, "{}"),
              marketing_.del(path),
              marketing_.post(path + "/publish", ""),
              marketing_.post(path + "/pause", ""),
              marketing_.post(path + "/resume", ""),
              marketing_.post(path + "/end", ""),
              marketing_.put(path + "/window", R"({"ends_at":"2030-01-01T00:00:00Z"})"),
              marketing_.post(path + "/items/1/units", R"({"units":1})"),
              marketing_.get(path + "/live")}) {
            EXPECT_EQ(reply.status, 404) << path << reply.body;
        }
    }
    const std::string path = open();
    const Reply reply = marketing_.post(path + "/items/999/units", R"({"units":1})");
    EXPECT_EQ(reply.status, 404);
    EXPECT_EQ(reply.error(), "promotion_item_not_found");
}

TEST_P(StaffPromotions, are_edited_and_deleted_before_they_are_published) {
    const std::string path = kRoot + ("/" + create(body(item(teapot_))).text("/data/id"));
    const Reply edited =
        marketing_.patch(path, R"({"name":"Better","items":[)" + item(cup_) + R"(],"version":1})");
    ASSERT_EQ(edited.status, 200) << edited.body;
    EXPECT_EQ(edited.text("/data/name"), "Better");
    EXPECT_EQ(edited.text("/data/items/0/sku_id"), cup_.to_string());
    EXPECT_EQ(edited.integer("/data/version"), 2);
    const Reply late = marketing_.patch(path, R"({"name":"Worse","version":1})");
    EXPECT_EQ(late.status, 409);
    EXPECT_EQ(late.error(), "promotion_changed");
    EXPECT_TRUE(marketing_.patch(path, R"({"ends_at":"2001-01-01T00:00:00Z"})").blames("ends_at"));
    EXPECT_TRUE(marketing_.patch(path, R"({"ends_at":"x","name":""})").blames("name"));
    EXPECT_EQ(marketing_.patch(path, "{}").status, 200);
    EXPECT_EQ(marketing_.del(path).status, 200);
    EXPECT_EQ(marketing_.get(path).status, 404);

    const std::string open_one = open();
    EXPECT_EQ(marketing_.patch(open_one, "{}").error(), "promotion_not_draft");
    EXPECT_EQ(marketing_.del(open_one).status, 409);
}

TEST_P(StaffPromotions, that_ask_for_too_much_are_refused_with_every_sku) {
    const Reply made =
        create(body(item(teapot_, R"("allotment":11)") + "," + item(cup_, R"("allotment":51)")));
    const Reply refused = marketing_.post(kRoot + ("/" + made.text("/data/id") + "/publish"), "");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.error(), "out_of_stock");
    EXPECT_TRUE(refused.blames("skus[" + teapot_.to_string() + "]"));
    EXPECT_TRUE(refused.blames("skus[" + cup_.to_string() + "]"));
    expect_level(teapot_, 10, 0, 0);
}

TEST_P(StaffPromotions, are_on_sale_when_their_publication_is_answered) {
    const std::string path = open();
    const PromotionItemId one = item_of(path);
    ASSERT_NE(board_.find(one), nullptr);
    EXPECT_TRUE(gate_.view(one)->open);
    EXPECT_EQ(marketing_.post(path + "/publish", "").text("/data/state"), "published");

    EXPECT_EQ(marketing_.post(path + "/pause", "").text("/data/paused"), "true");
    EXPECT_TRUE(board_.find(one)->paused);
    EXPECT_FALSE(gate_.view(one)->open);
    EXPECT_EQ(marketing_.post(path + "/resume", "").text("/data/paused"), "false");
    EXPECT_FALSE(board_.find(one)->paused);

    const Reply moved =
        marketing_.put(path + "/window", R"({"ends_at":")" + at(hours{3}) + R"("})");
    EXPECT_EQ(moved.text("/data/ends_at"), at(hours{3}));
    EXPECT_EQ(board_.find(one)->epoch, 2);
    EXPECT_EQ(
        marketing_.put(path + "/window", R"({"ends_at":")" + at(hours{-3}) + R"("})").error(),
        "promotion_window_over"
    );
    for (const char* text : {"{}", R"({"ends_at":7})", R"({"ends_at":"9999-01-01T00:00:00Z"})"}) {
        EXPECT_TRUE(marketing_.put(path + "/window", text).blames("ends_at")) << text;
    }

    EXPECT_EQ(marketing_.post(path + "/end", "").text("/data/state"), "ended");
    EXPECT_TRUE(board_.find(one)->ended);
    EXPECT_EQ(marketing_.post(path + "/end", "").status, 200);
    EXPECT_EQ(marketing_.post(path + "/publish", "").error(), "promotion_ended");
    expect_level(teapot_, 10, 0, 0);
}

TEST_P(StaffPromotions, get_more_units_once_for_one_key) {
    const std::string path = open();
    const std::string units = path + "/items/" + item_of(path).to_string() + "/units";
    const RouteClient::Headers key = {{"Idempotency-Key", "more"}};
    const Reply added = marketing_.post(units, R"({"units":2})", key);
    EXPECT_EQ(added.status, 201);
    EXPECT_EQ(added.integer("/data/granted"), 6);
    EXPECT_EQ(added.integer("/data/left"), 6);
    EXPECT_EQ(marketing_.post(units, R"({"units":2})", key).text("/data"), added.text("/data"));
    expect_level(teapot_, 4, 0, 0);
    EXPECT_EQ(marketing_.post(units, R"({"units":5})").error(), "out_of_stock");
    EXPECT_EQ(marketing_.post(units, R"({"units":10000000})").error(), "too_many_units");
    for (const char* text : {"{}", R"({"units":0})", R"({"units":-1})", R"({"units":10000001})"}) {
        EXPECT_TRUE(marketing_.post(units, text).blames("units")) << text;
    }
    expect_level(teapot_, 4, 0, 0);
}

TEST_P(StaffPromotions, show_how_they_go) {
    const std::string path = open(item(teapot_, R"("allotment":3)"));
    const PromotionItemId one = item_of(path);
    std::vector<Buyer> buyers;
    for (int i = 0; i < 5; ++i) buyers.push_back(add_buyer());
    const auto paid = buy(one, buyers[0].user, buyers[0].address).value();
    const auto lapsed = buy(one, buyers[1].user, buyers[1].address).value();
    succeed(paid.number);
    expire_order(lapsed.number);
    static_cast<void>(buy(one, buyers[2].user, buyers[2].address).value());
    static_cast<void>(with_lease(one, buyers[3].user, buyers[3].address));
    meter_.record(one, "placed", Milliseconds{4});
    meter_.record(one, "sold_out", Milliseconds{1});
    clock_.advance(std::chrono::seconds{1});

    const Reply live = marketing_.get(path + "/live");
    ASSERT_EQ(live.status, 200) << live.body;
    EXPECT_EQ(live.text("/data/promotion/id"), path.substr(path.rfind('/') + 1));
    EXPECT_EQ(live.text("/data/server_time"), to_rfc3339(clock_.now()));
    ASSERT_EQ(live.size("/data/items"), 1u);
    const std::string item = "/data/items/0";
    EXPECT_EQ(live.text(item + "/item_id"), one.to_string());
    EXPECT_EQ(live.integer(item + "/granted"), 3);
    EXPECT_EQ(live.integer(item + "/left"), 1);
    EXPECT_EQ(live.integer(item + "/held"), 1);
    EXPECT_EQ(live.integer(item + "/sold"), 1);
    EXPECT_EQ(live.integer(item + "/released"), 1);
    EXPECT_EQ(live.integer(item + "/offered"), 0);
    EXPECT_EQ(live.integer(item + "/waiting"), 0);
    EXPECT_EQ(live.integer(item + "/door_leases"), 1);
    EXPECT_EQ(live.integer(item + "/under_way"), 0);
    EXPECT_NE(live.body.find(R"("placed":0.1)"), std::string::npos) << live.body;
    EXPECT_NE(live.body.find(R"("per_second":0.2)"), std::string::npos) << live.body;
    const double p50 = std::stod(live.text(item + "/requests/order_latency/p50_ms"));
    EXPECT_GE(p50, 4);
    EXPECT_LE(p50, 5);
}

// Nobody pays more in a sale than outside it, as far as that can be known in advance.
TEST_P(StaffPromotions, cost_at_most_the_ordinary_price) {
    const auto priced = [&](const std::string& price) {
        const std::string sku = teapot_.to_string();
        return R"({"sku_id":")" + sku + R"(","price":)" + price + R"(,"allotment":1})";
    };
    const Reply same = create(body(priced("2500")));
    ASSERT_EQ(same.status, 201) << same.body;
    const std::string path = kRoot + ("/" + same.text("/data/id"));
    const Reply dearer = marketing_.patch(path, R"({"items":[)" + priced("2501") + "]}");
    EXPECT_EQ(dearer.status, 422);
    EXPECT_TRUE(dearer.blames("items[0].price")) << dearer.body;
    EXPECT_EQ(marketing_.get(path).integer("/data/items/0/price"), 2500);

    // The ordinary price has fallen since the draft.
    shop_.set_price(teapot_, Money::fen(2400));
    const Reply refused = marketing_.post(path + "/publish", "");
    EXPECT_EQ(refused.status, 422);
    EXPECT_TRUE(refused.blames("items[0].price")) << refused.body;
    expect_level(teapot_, 10, 0, 0);
    EXPECT_EQ(marketing_.get(path).text("/data/state"), "draft");

    // After publication it may fall too: the sale goes on, and staff are told.
    EXPECT_EQ(marketing_.patch(path, R"({"items":[)" + priced("2400") + "]}").status, 200);
    EXPECT_EQ(marketing_.post(path + "/publish", "").status, 200);
    const std::string item = "/data/items/0";
    EXPECT_EQ(marketing_.get(path + "/live").text(item + "/dearer_than_ordinary"), "false");
    shop_.set_price(teapot_, Money::fen(2000));
    const Reply live = marketing_.get(path + "/live");
    EXPECT_EQ(live.text(item + "/dearer_than_ordinary"), "true");
    EXPECT_EQ(live.integer(item + "/price"), 2400);
    EXPECT_EQ(live.integer(item + "/ordinary_price"), 2000);
    EXPECT_EQ(marketing_.get(path).text("/data/phase"), "live");

    // What stand-ins pay in a rehearsal is nobody's money.
    EXPECT_EQ(create(body(priced("9900"), R"(,"shadow":true)")).status, 201);
}

TEST_P(StaffPromotions, show_nothing_live_before_they_are_published) {
    const Reply made = create(body(item(teapot_)));
    const Reply live = marketing_.get(kRoot + ("/" + made.text("/data/id") + "/live"));
    EXPECT_EQ(live.status, 200);
    EXPECT_EQ(live.size("/data/items"), 0u);
}

TEST_P(StaffPromotions, are_stopped_by_one_switch) {
    const std::string path = open();
    const PromotionItemId one = item_of(path);
    EXPECT_EQ(marketing_.get(kSwitch).text("/data/stopped"), "false");
    EXPECT_EQ(marketing_.put(kSwitch, R"({"stopped":true})").text("/data/stopped"), "true");
    EXPECT_EQ(marketing_.get(kSwitch).text("/data/stopped"), "true");
    EXPECT_TRUE(board_.stopped());
    EXPECT_FALSE(gate_.view(one)->open);
    for (const char* text : {"{}", R"({"stopped":null})", R"({"stopped":"true"})"}) {
        EXPECT_TRUE(marketing_.put(kSwitch, text).blames("stopped")) << text;
    }
    EXPECT_EQ(marketing_.put(kSwitch, R"({"stopped":false})").status, 200);
    EXPECT_FALSE(board_.stopped());
    EXPECT_TRUE(gate_.view(one)->open);
    expect_clean();
}

}  // namespace
}  // namespace doorbuster::flash_sale
