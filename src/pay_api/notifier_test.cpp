#include "pay_api/notifier.hpp"

#include <gtest/gtest.h>

#include "support/pay_api_world.hpp"
#include "webhooks/signature.hpp"

namespace doorbuster::pay_api {
namespace {

using test::Reply;
using test::RouteClient;

class Notifications : public test::PayApiWorld {
protected:
    void SetUp() override {
        test::PayApiWorld::SetUp();
        if (IsSkipped()) return;
        created_.emplace(create_app("crm"));
        crm_.emplace(client_of(*created_));
    }

    std::optional<Created> created_;
    std::optional<RouteClient> crm_;
};
DOORBUSTER_ON_BOTH_ENGINES(Notifications);

TEST_P(Notifications, tell_an_app_that_it_was_paid_signed_with_its_own_secret) {
    const std::string payment = paid_by(*crm_, "A1");
    tell();
    ASSERT_EQ(heard(), "payment.succeeded");
    const auto request = receiver_.requests().at(0);
    EXPECT_EQ(request.url, "https://app.test/told");
    EXPECT_EQ(
        header_of(request, "Doorbuster-Signature"),
        webhooks::signature(created_->signing_secret, clock_.now(), request.body)
    );
    EXPECT_EQ(told(0).text("/topic"), "payment.succeeded");
    EXPECT_EQ(told(0).text("/key"), "A1");
    EXPECT_EQ(told(0).text("/data/payment"), payment);
    EXPECT_EQ(told(0).integer("/data/amount"), 1000);
    EXPECT_EQ(told(0).text("/data/closed_at"), "null");
    EXPECT_FALSE(told(0).has("/data/app"));
    tell();
    EXPECT_EQ(heard(), "payment.succeeded") << "once";
}

TEST_P(Notifications, are_signed_with_both_secrets_while_one_takes_the_place_of_the_other) {
    const std::string app = "/api/admin/v1/pay-apps/" + created_->view.app.id.to_string();
    const Reply made = finance_.post(app + "/signing-secret", R"({"overlap_hours":1})");
    const Secret fresh{made.text("/data/signing_secret")};
    const auto header = [&](std::size_t number) {
        return header_of(receiver_.requests().at(number), "Doorbuster-Signature");
    };
    const auto alone = [&](const Secret& secret, std::size_t number) {
        const auto request = receiver_.requests().at(number);
        return webhooks::signature(secret, clock_.now(), request.body);
    };
    paid_by(*crm_, "A1");
    tell();
    const std::string old = alone(created_->signing_secret, 0);
    EXPECT_EQ(header(0), alone(fresh, 0) + old.substr(old.find(',')));
    clock_.advance(std::chrono::hours{1});
    paid_by(*crm_, "A2");
    tell();
    EXPECT_EQ(header(1), alone(fresh, 1));
}

TEST_P(Notifications, tell_an_app_of_nobody_elses_money) {
    const Created erp = create_app("erp", "https://erp.test/told");
    paid_by(client_of(erp), "A1");
    paid();  // of the shop
    tell();
    ASSERT_EQ(heard(), "payment.succeeded");
    EXPECT_EQ(receiver_.requests().at(0).url, "https://erp.test/told");
}

TEST_P(Notifications, tell_that_a_reference_was_closed) {
    crm_->post("/api/pay/v1/payments/close", R"({"reference":"A1"})");
    tell();
    ASSERT_EQ(heard(), "payment.closed");
    EXPECT_EQ(told(0).text("/data/reference"), "A1");
    EXPECT_EQ(told(0).text("/data/payment"), "null");
    EXPECT_EQ(told(0).text("/data/paid_at"), "null");
    EXPECT_NE(told(0).text("/data/closed_at"), "null");
}

TEST_P(Notifications, tell_what_became_of_refunds) {
    const std::string payment = paid_by(*crm_, "A1");
    wechat_.refunds_begin_as = Sent::succeeded;
    const std::string start = R"({"payment":")" + payment + R"(","reason":"r","amount":)";
    crm_->post("/api/pay/v1/refunds", start + R"(300,"refund_reference":"R1"})");
    work();
    wechat_.refunds_begin_as = Sent::failed;
    crm_->post("/api/pay/v1/refunds", start + R"(200,"refund_reference":"R2"})");
    work();
    refund(PaymentId{std::stoll(payment)}, 100).value();  // staff
    wechat_.refunds_begin_as = Sent::succeeded;
    work();
    tell();
    ASSERT_EQ(heard(), "payment.succeeded, refund.succeeded, refund.failed, refund.succeeded");
    EXPECT_EQ(told(1).text("/data/refund_reference"), "R1");
    EXPECT_EQ(told(1).integer("/data/amount"), 300);
    EXPECT_EQ(told(2).text("/data/refund_reference"), "R2");
    EXPECT_EQ(told(2).text("/data/status"), "failed");
    EXPECT_EQ(told(3).text("/data/refund_reference"), "null");
    EXPECT_EQ(told(3).text("/data/origin"), "staff");
}

TEST_P(Notifications, tell_of_money_that_came_too_late_and_send_it_back_at_once) {
    const std::string payment = paid_late_by(*crm_, "A1");
    tell();
    ASSERT_EQ(heard(), "payment.closed, payment.refund_due");
    EXPECT_EQ(told(1).text("/data/payment"), payment);
    EXPECT_EQ(told(1).text("/data/late"), "true");
    EXPECT_EQ(states(), "requested") << "no shop could keep it, so nobody waits for one";
    work();
    tell();
    ASSERT_EQ(heard(), "payment.closed, payment.refund_due, refund.succeeded");
    EXPECT_EQ(told(2).text("/data/origin"), "late");
    expect_clean();
}

TEST_P(Notifications, leave_late_money_of_our_own_shop_to_the_shop) {
    paid_late();
    tell();
    EXPECT_EQ(states(), "");
}

TEST_P(Notifications, come_again_until_the_app_answers_and_are_listed_when_they_are_given_up) {
    receiver_status_ = 500;
    const std::string payment = paid_by(*crm_, "A1");
    tell();
    for (int i = 0; i < 12; ++i) {
        clock_.advance(std::chrono::hours{25});
        tell();
    }
    EXPECT_EQ(receiver_.requests().size(), 11u);
    const std::string app = "/api/admin/v1/pay-apps/" + created_->view.app.id.to_string();
    const Reply dead = finance_.get(app + "/deliveries?state=given_up");
    ASSERT_EQ(dead.integer("/data/total"), 1);
    EXPECT_EQ(dead.text("/data/list/0/topic"), "payment.succeeded");

    receiver_status_ = 204;
    const std::string one = app + "/deliveries/" + dead.text("/data/list/0/id") + "/redeliver";
    EXPECT_EQ(finance_.post(one, "{}").text("/data/state"), "waiting");
    tell();
    EXPECT_EQ(finance_.get(app + "/deliveries?state=delivered").integer("/data/total"), 1);
    EXPECT_EQ(told(0).text("/id"), told(11).text("/id")) << "the same event, known by its id";
    EXPECT_EQ(guest_.as("7-orders").post(one, "{}").status, 403);
}

TEST_P(Notifications, are_kept_from_an_app_that_has_no_address) {
    const Created silent = create_app("silent", "");
    paid_by(client_of(silent), "B1");
    tell();
    EXPECT_EQ(heard(), "");
    EXPECT_EQ(integer("SELECT count(*) FROM webhook_deliveries"), 0);
}

TEST_P(Notifications, still_reach_an_app_that_is_switched_off) {
    paid_by(*crm_, "A1");
    const std::string app = "/api/admin/v1/pay-apps/" + created_->view.app.id.to_string();
    finance_.patch(app, R"({"enabled":false})");
    tell();
    EXPECT_EQ(heard(), "payment.succeeded") << "what was paid was paid";
}

}  // namespace
}  // namespace doorbuster::pay_api
