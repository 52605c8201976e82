#include <gtest/gtest.h>

#include "support/pay_api_world.hpp"

namespace doorbuster::pay_api {
namespace {

using test::Reply;
using test::RouteClient;

constexpr const char* kPayments = "/api/pay/v1/payments";

class AppPayments : public test::PayApiWorld {
protected:
    void SetUp() override {
        test::PayApiWorld::SetUp();
        if (!IsSkipped()) crm_.emplace(new_client("crm"));
    }
    Reply pay(const std::string& body, const RouteClient::Headers& more = {}) {
        return crm_->post(kPayments, body, more);
    }
    static std::string with(const std::string& members) {
        return R"({"reference":"A1","provider":"wechat_pay","description":"d","amount":100,)" +
               members + "}";
    }

    std::optional<RouteClient> crm_;
};
DOORBUSTER_ON_BOTH_ENGINES(AppPayments);

TEST_P(AppPayments, begin_and_are_shown) {
    const Reply begun = pay(wanted("A1"));
    ASSERT_EQ(begun.status, 201) << begun.body;
    EXPECT_EQ(begun.text("/data/reference"), "A1");
    EXPECT_EQ(begun.text("/data/status"), "pending");
    EXPECT_EQ(begun.integer("/data/amount"), 1000);
    EXPECT_TRUE(begun.text("/data/qr_svg").starts_with("<svg "));
    const Reply shown = crm_->get(std::string{kPayments} + "/" + begun.text("/data/id"));
    EXPECT_EQ(shown.text("/data/code_url"), begun.text("/data/code_url"));
    EXPECT_EQ(text("SELECT app FROM payments"), "crm");
}

TEST_P(AppPayments, are_one_attempt_however_often_they_are_asked_for) {
    const Reply first = pay(wanted("A1"));
    const Reply second = pay(wanted("A1"));
    EXPECT_EQ(second.status, 201);
    EXPECT_EQ(second.text("/data/id"), first.text("/data/id"));
    EXPECT_EQ(integer("SELECT count(*) FROM payments"), 1);
}

TEST_P(AppPayments, with_another_amount_are_refused_while_one_is_open) {
    const Reply first = pay(wanted("A1", 1000));
    const Reply other = pay(wanted("A1", 900));
    EXPECT_EQ(other.status, 409);
    EXPECT_EQ(other.error(), "amount_differs");
    const Reply same = crm_->get(std::string{kPayments} + "/" + first.text("/data/id"));
    EXPECT_EQ(same.text("/data/status"), "pending") << "the open one is not touched";
}

TEST_P(AppPayments, change_the_provider_as_a_shop_does) {
    pay(wanted("A1"));
    std::string at_alipay = wanted("A1");
    at_alipay.replace(at_alipay.find("wechat_pay"), 10, "alipay");
    const Reply other = pay(at_alipay);
    EXPECT_EQ(other.status, 201) << other.body;
    EXPECT_EQ(other.text("/data/provider"), "alipay");
    const Reply both = crm_->get(std::string{kPayments} + "?reference=A1");
    EXPECT_EQ(both.integer("/data/total"), 2);
}

TEST_P(AppPayments, lead_to_the_page_of_the_provider_and_not_to_ours) {
    alipay_.pays_in_page = true;
    std::string at_alipay = wanted("A1");
    at_alipay.replace(at_alipay.find("wechat_pay"), 10, "alipay");
    const Reply begun = pay(at_alipay);
    ASSERT_EQ(begun.status, 201) << begun.body;
    EXPECT_EQ(begun.text("/data/pay_page"), "null");
    EXPECT_NE(begun.text("/data/redirect_url"), "null");
    const Reply shown = crm_->get(std::string{kPayments} + "/" + begun.text("/data/id"));
    EXPECT_EQ(shown.text("/data/pay_page"), "null");
    EXPECT_NE(shown.text("/data/redirect_url"), "null") << "signed anew whenever it is asked for";
}

TEST_P(AppPayments, of_another_app_are_not_there) {
    const Reply begun = pay(wanted("A1"));
    const RouteClient other = new_client("erp");
    const std::string id = begun.text("/data/id");
    EXPECT_EQ(other.get(std::string{kPayments} + "/" + id).error(), "payment_not_found");
    EXPECT_EQ(other.get(std::string{kPayments} + "?reference=A1").integer("/data/total"), 0);
    const Reply its_own = other.post(kPayments, wanted("A1", 5));
    EXPECT_EQ(its_own.status, 201) << "a reference is an app's own";
    EXPECT_NE(its_own.text("/data/id"), id);
    const Reply closed = other.post(std::string{kPayments} + "/close", R"({"reference":"A1"})");
    EXPECT_EQ(closed.status, 200);
    const Reply still = crm_->get(std::string{kPayments} + "/" + id);
    EXPECT_EQ(still.text("/data/status"), "pending");
    EXPECT_EQ(guest_.as("42").get(std::string{kPayments} + "/" + id).status, 401);
}

TEST_P(AppPayments, tell_of_every_bad_field) {
    const Reply bad = pay(R"({"reference":"A 1","amount":0,"currency":"USD","description":""})");
    EXPECT_EQ(bad.status, 422);
    for (const char* field :
         {"reference", "amount", "currency", "description", "provider", "expires_at"}) {
        EXPECT_TRUE(bad.blames(field)) << field;
    }
    EXPECT_TRUE(pay(with(R"("expires_in":59)")).blames("expires_in"));
    EXPECT_TRUE(pay(with(R"("expires_in":604801)")).blames("expires_in"));
    EXPECT_TRUE(pay(with(R"("expires_at":"2099-01-01T00:00:00Z")")).blames("expires_at"));
    EXPECT_TRUE(
        pay(with(R"("expires_in":600,"expires_at":"2026-01-01T00:00:00Z")")).blames("expires_at")
    );
    EXPECT_EQ(pay(with(R"("expires_at":"2020-01-01T00:00:00Z")")).error(), "payment_too_late");
    EXPECT_EQ(pay("[1]").status, 400);
    std::string elsewhere = wanted("A1");
    elsewhere.replace(elsewhere.find("wechat_pay"), 10, "cash");
    EXPECT_EQ(pay(elsewhere).error(), "unknown_provider");
    EXPECT_TRUE(crm_->get(kPayments).blames("reference"));
    EXPECT_EQ(integer("SELECT count(*) FROM payments"), 0);
}

TEST_P(AppPayments, answer_a_repeated_key_as_the_first_time) {
    const RouteClient::Headers key{{"Idempotency-Key", "k1"}};
    const Reply first = pay(wanted("A1"), key);
    const Reply again = pay(wanted("A1"), key);
    EXPECT_EQ(
        again.body.substr(0, again.body.find("request_id")),
        first.body.substr(0, first.body.find("request_id"))
    );
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(pay(wanted("A2"), key).error(), "idempotency_key_reused");
    const RouteClient other = new_client("erp");
    EXPECT_EQ(other.post(kPayments, wanted("B1"), key).status, 201) << "keys are an app's own";
}

TEST_P(AppPayments, can_be_closed_but_not_once_they_are_paid) {
    const Reply begun = pay(wanted("A1"));
    const std::string close = std::string{kPayments} + "/close";
    const Reply closing = crm_->post(close, R"({"reference":"A1"})");
    EXPECT_EQ(closing.status, 200);
    EXPECT_EQ(closing.text("/data/status"), "closing");
    while (test::run(payment_worker_->run_once())) {
    }
    EXPECT_EQ(crm_->post(close, R"({"reference":"A1"})").text("/data/status"), "closed");
    EXPECT_EQ(pay(wanted("A1")).error(), "payment_too_late");
    EXPECT_EQ(crm_->post(close, R"({"reference":"new"})").text("/data/status"), "closed");

    paid_by(*crm_, "A2");
    EXPECT_EQ(crm_->post(close, R"({"reference":"A2"})").error(), "already_paid");
    EXPECT_EQ(pay(wanted("A2")).error(), "already_paid");
    expect_clean();
}

}  // namespace
}  // namespace doorbuster::pay_api
