#include "refunds/refund_routes.hpp"

#include <gtest/gtest.h>

#include "http/router.hpp"
#include "support/refund_world.hpp"
#include "support/route_client.hpp"
#include "support/token_users.hpp"

namespace doorbuster::refunds {
namespace {

using test::Reply;

class RefundRoutes : public test::RefundWorld {
protected:
    void SetUp() override {
        test::RefundWorld::SetUp();
        if (IsSkipped()) return;
        deps_.emplace(RefundRoutesDeps{database(), *refunds_, audit_log_, clock_});
        router_.add(refund_routes(*deps_));
    }
    Reply ask(PaymentId payment, const std::string& body) {
        return finance_.post("/api/admin/v1/payments/" + payment.to_string() + "/refunds", body);
    }
    static constexpr const char* kRefunds = "/api/admin/v1/refunds";

    events::AuditLog audit_log_{clock_};
    std::optional<RefundRoutesDeps> deps_;
    test::TokenUsers users_;
    http::Router router_{users_};
    test::RouteClient guest_{router_};
    test::RouteClient finance_ = guest_.as("7-finance");
};
DOORBUSTER_ON_BOTH_ENGINES(RefundRoutes);

TEST_P(RefundRoutes, give_money_back) {
    const PaymentId payment = paid();
    const Reply asked = ask(payment, R"({"amount":300,"reason":"too late"})");
    ASSERT_EQ(asked.status, 201);
    EXPECT_EQ(asked.text("/data/status"), "requested");
    EXPECT_EQ(asked.integer("/data/amount"), 300);
    EXPECT_EQ(asked.text("/data/asked_by"), "u7");
    work();
    const Reply shown = finance_.get(std::string{kRefunds} + "/" + asked.text("/data/id"));
    EXPECT_EQ(shown.text("/data/status"), "succeeded");
    EXPECT_EQ(text("SELECT action FROM audit_log"), "refund.requested");
}

TEST_P(RefundRoutes, are_for_staff_of_finance_only) {
    const std::string one = "/api/admin/v1/payments/" + paid().to_string() + "/refunds";
    const std::string body = R"({"amount":300,"reason":"r"})";
    EXPECT_EQ(guest_.post(one, body).status, 401);
    EXPECT_EQ(guest_.as("42").post(one, body).status, 403) << "not even for the payer";
    EXPECT_EQ(guest_.as("7-orders").post(one, body).status, 403);
    EXPECT_EQ(guest_.as("7-orders").get(kRefunds).status, 403);
    EXPECT_EQ(guest_.as("7-orders").post(std::string{kRefunds} + "/1/retry", "").status, 403);
    EXPECT_EQ(guest_.as("7-orders").post(std::string{kRefunds} + "/1/resolve", "{}").status, 403);
    EXPECT_EQ(states(), "");
}

TEST_P(RefundRoutes, refuse_what_cannot_be) {
    const PaymentId payment = paid();
    EXPECT_TRUE(ask(payment, R"({"amount":0,"reason":"r"})").blames("amount"));
    EXPECT_TRUE(ask(payment, R"({"amount":-5,"reason":"r"})").blames("amount"));
    EXPECT_TRUE(ask(payment, R"({"amount":"1","reason":"r"})").blames("amount"));
    EXPECT_TRUE(ask(payment, R"({"amount":5,"reason":""})").blames("reason"));
    EXPECT_EQ(ask(payment, R"({"amount":1001,"reason":"r"})").error(), "refund_too_much");
    EXPECT_EQ(ask(PaymentId{99}, R"({"amount":1,"reason":"r"})").status, 404);
    begin(wechat_, "5002");
    EXPECT_EQ(ask(last_payment(), R"({"amount":1,"reason":"r"})").error(), "not_refundable");
    EXPECT_EQ(finance_.get(std::string{kRefunds} + "/99").error(), "refund_not_found");
    EXPECT_EQ(finance_.post(std::string{kRefunds} + "/99/retry", "").error(), "refund_not_found");
    EXPECT_TRUE(finance_.get(std::string{kRefunds} + "?status=gone").blames("status"));
    EXPECT_TRUE(finance_.get(std::string{kRefunds} + "?needs_person=true&status=failed")
                    .blames("needs_person"));
}

TEST_P(RefundRoutes, list_what_needs_a_person_until_a_note_is_left) {
    const PaymentId payment = paid();
    wechat_.refunds_begin_as = Sent::failed;
    ask(payment, R"({"amount":300,"reason":"r"})");
    ask(payment, R"({"amount":200,"reason":"r"})");
    wechat_.refunds_begin_as = Sent::failed;
    work();
    const std::string for_person = std::string{kRefunds} + "?needs_person=true";
    ASSERT_EQ(finance_.get(for_person).integer("/data/total"), 2);
    EXPECT_EQ(finance_.get(std::string{kRefunds} + "?status=failed").integer("/data/total"), 2);

    const std::string newest =
        std::string{kRefunds} + "/" + finance_.get(for_person).text("/data/list/0/id");
    EXPECT_TRUE(finance_.post(newest + "/resolve", "{}").blames("note"));
    const Reply resolved = finance_.post(newest + "/resolve", R"({"note":"paid in cash"})");
    EXPECT_EQ(resolved.status, 200);
    EXPECT_EQ(resolved.text("/data/resolution"), "paid in cash");
    EXPECT_EQ(finance_.post(newest + "/resolve", R"({"note":"x"})").error(), "refund_settled");

    wechat_.refunds_begin_as = Sent::succeeded;
    const std::string other =
        std::string{kRefunds} + "/" + finance_.get(for_person).text("/data/list/0/id");
    const Reply again = finance_.post(other + "/retry", "");
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.text("/data/status"), "requested");
    EXPECT_EQ(finance_.post(other + "/retry", "").text("/data/id"), again.text("/data/id"));
    EXPECT_EQ(finance_.get(for_person).integer("/data/total"), 0);
    work();
    EXPECT_EQ(states(), "failed failed succeeded");
    EXPECT_EQ(
        finance_.post(std::string{kRefunds} + "/" + again.text("/data/id") + "/retry", "").error(),
        "refund_settled"
    );
    expect_clean();
}

}  // namespace
}  // namespace doorbuster::refunds
