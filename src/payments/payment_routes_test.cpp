#include "payments/payment_routes.hpp"

#include <gtest/gtest.h>

#include "support/fake_provider.hpp"
#include "support/manual_clock.hpp"
#include "support/route_client.hpp"
#include "support/run_task.hpp"
#include "support/seeded_random.hpp"
#include "support/test_database.hpp"
#include "support/token_users.hpp"

namespace doorbuster::payments {
namespace {

using test::Reply;

class PaymentRoutes : public test::DatabaseTest {
protected:
    PaymentRoutes() { router_.add(payment_routes(service_)); }

    std::string pay(const std::string& reference, const std::string& owner) {
        const Time expires_at = clock_.now() + std::chrono::minutes{30};
        const PaymentOrder order{reference, owner, Money::fen(100), "order", expires_at};
        return test::run(service_.pay(order, "wechat_pay"))->id;
    }
    Reply notify(const std::string& body) {
        const test::RouteClient::Headers proof{{"Wechatpay-Signature", "good"}};
        test::RouteClient provider{router_};
        return provider.post(kNotifications, body, proof);
    }
    static constexpr const char* kNotifications = "/api/v1/payments/notifications/wechat_pay";

    test::ManualClock clock_;
    test::SeededRandom random_{7};
    events::Outbox outbox_{clock_};
    test::FakeProvider wechat_{"wechat_pay", clock_};
    PaymentService service_{database(), clock_, random_, outbox_, {&wechat_}};
    test::TokenUsers users_;
    http::Router router_{users_};
    test::RouteClient guest_{router_};
    test::RouteClient owner_ = guest_.as("42");
    test::RouteClient finance_ = guest_.as("7-finance");
};
DOORBUSTER_ON_BOTH_ENGINES(PaymentRoutes);

TEST_P(PaymentRoutes, show_a_payment_to_its_owner_and_to_nobody_else) {
    const std::string path = "/api/v1/payments/" + pay("5001", "42");
    const Reply mine = owner_.get(path);
    EXPECT_EQ(mine.status, 200);
    EXPECT_EQ(mine.text("/data/status"), "pending");
    EXPECT_EQ(mine.integer("/data/amount"), 100);
    EXPECT_TRUE(mine.text("/data/qr_svg").starts_with("<svg "));
    EXPECT_EQ(mine.text("/data/paid_at"), "null");
    EXPECT_EQ(guest_.get(path).status, 401);
    for (const char* other : {"43", "4", "420", "7-finance", "1-admin"}) {
        const Reply reply = guest_.as(other).get(path);
        EXPECT_EQ(reply.status, 404) << other;
        EXPECT_EQ(reply.error(), "payment_not_found");
    }
}

TEST_P(PaymentRoutes, know_no_payment_by_a_wrong_id) {
    pay("5001", "42");
    for (const char* id : {"0", "-1", "99", "x", "1x", "9223372036854775808", "1%00", "1'--"}) {
        EXPECT_EQ(owner_.get("/api/v1/payments/" + std::string{id}).status, 404) << id;
    }
}

TEST_P(PaymentRoutes, take_a_notification_in_without_a_session_and_show_it_paid) {
    const std::string path = "/api/v1/payments/" + pay("5001", "42");
    const std::string trade = text("SELECT out_trade_no FROM payments");
    ASSERT_TRUE(wechat_.pay(trade));
    EXPECT_EQ(notify(wechat_.notification(trade)).status, 204);
    const Reply paid = owner_.get(path);
    EXPECT_EQ(paid.text("/data/status"), "paid");
    EXPECT_EQ(paid.text("/data/paid_at"), to_rfc3339(clock_.now()));
    EXPECT_EQ(paid.text("/data/code_url"), "null");
}

TEST_P(PaymentRoutes, answer_every_unproven_notification_alike) {
    const std::string trade_of = pay("5001", "42");
    const std::string body = wechat_.notification(text("SELECT out_trade_no FROM payments"));
    const Reply unsigned_one = guest_.post(kNotifications, body);
    for (const std::string& bad : {std::string{}, std::string{"{}"}, std::string{"\0\xFF", 2}}) {
        const Reply reply = notify(bad);
        EXPECT_EQ(reply.status, 401);
        EXPECT_EQ(reply.body, unsigned_one.body);
    }
    EXPECT_EQ(unsigned_one.status, 401);
    EXPECT_EQ(integer("SELECT count(*) FROM payment_notifications"), 0);
}

TEST_P(PaymentRoutes, keep_no_header_of_a_notification_but_its_proof) {
    pay("5001", "42");
    const std::string trade = text("SELECT out_trade_no FROM payments");
    ASSERT_TRUE(wechat_.pay(trade));
    const PaymentProvider::Headers headers = test::FakeProvider::signed_headers();
    const std::string body = wechat_.notification(trade);
    test::run(service_.notified(wechat_, headers, body));
    EXPECT_EQ(
        text("SELECT headers FROM payment_notifications"), R"({"Wechatpay-Signature":"good"})"
    );
}

TEST_P(PaymentRoutes, declare_what_a_notification_needs) {
    for (const http::Route& route : router_.routes()) {
        if (route.pattern != kNotifications) continue;
        EXPECT_EQ(route.options.body_bytes_max, 2u * 1024 * 1024);
        EXPECT_FALSE(route.options.csrf);
        EXPECT_TRUE(route.options.urgent);
        return;
    }
    FAIL() << "no such route";
}

TEST_P(PaymentRoutes, list_payments_for_staff_of_finance_only) {
    pay("5001", "42");
    pay("5002", "43");
    const std::string path = "/api/admin/v1/payments";
    EXPECT_EQ(guest_.get(path).status, 401);
    EXPECT_EQ(owner_.get(path).status, 403);
    EXPECT_EQ(guest_.as("7-orders").get(path).status, 403);
    EXPECT_EQ(guest_.as("7-admin").get(path).status, 200);
    const Reply all = finance_.get(path + "?page=1&page_size=1");
    EXPECT_EQ(all.integer("/data/total"), 2);
    EXPECT_EQ(all.size("/data/list"), 1u);
    EXPECT_EQ(all.text("/data/list/0/reference"), "5002");
    EXPECT_EQ(finance_.get(path + "?state=paid").integer("/data/total"), 0);
    EXPECT_EQ(finance_.get(path + "?state=pending&flag=suspect").integer("/data/total"), 0);
}

TEST_P(PaymentRoutes, refuse_filters_that_mean_nothing) {
    const std::string path = "/api/admin/v1/payments";
    EXPECT_TRUE(finance_.get(path + "?state=PAID").blames("state"));
    EXPECT_TRUE(finance_.get(path + "?flag=1%20OR%201=1").blames("flag"));
    EXPECT_EQ(finance_.get(path + "?page=0").status, 422);
    EXPECT_EQ(finance_.get(path + "?page_size=101").status, 422);
    EXPECT_LT(finance_.get(path + "?page=9223372036854775807").status, 500);
}

}  // namespace
}  // namespace doorbuster::payments
