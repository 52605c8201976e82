#include <gtest/gtest.h>

#include "support/pay_api_world.hpp"

namespace doorbuster::pay_api {
namespace {

using test::Reply;
using test::RouteClient;

constexpr const char* kRefunds = "/api/pay/v1/refunds";

class AppRefunds : public test::PayApiWorld {
protected:
    void SetUp() override {
        test::PayApiWorld::SetUp();
        if (!IsSkipped()) crm_.emplace(new_client("crm"));
    }
    static std::string body(
        const std::string& payment, const std::string& reference, std::int64_t amount
    ) {
        return R"({"payment":")" + payment + R"(","refund_reference":")" + reference +
               R"(","reason":"broken","amount":)" + std::to_string(amount) + "}";
    }
    Reply ask(const std::string& payment, const std::string& reference, std::int64_t amount) {
        return crm_->post(kRefunds, body(payment, reference, amount));
    }

    std::optional<RouteClient> crm_;
};
DOORBUSTER_ON_BOTH_ENGINES(AppRefunds);

TEST_P(AppRefunds, give_back_a_part_and_then_the_rest) {
    const std::string payment = paid_by(*crm_, "A1");
    const Reply part = ask(payment, "R1", 300);
    ASSERT_EQ(part.status, 201) << part.body;
    EXPECT_EQ(part.text("/data/status"), "requested");
    EXPECT_EQ(part.text("/data/refund_reference"), "R1");
    EXPECT_EQ(part.text("/data/payment"), payment);
    EXPECT_EQ(ask(payment, "R2", 701).error(), "refund_too_much");
    EXPECT_EQ(ask(payment, "R2", 700).status, 201);
    work();
    const Reply shown = crm_->get(std::string{kRefunds} + "/" + part.text("/data/id"));
    EXPECT_EQ(shown.text("/data/status"), "succeeded");
    const Reply all = crm_->get(std::string{kRefunds} + "?payment=" + payment);
    EXPECT_EQ(all.integer("/data/total"), 2);
    EXPECT_EQ(all.text("/data/list/0/refund_reference"), "R2") << "newest first";
    EXPECT_EQ(ask(payment, "R3", 1).error(), "refund_too_much");
    expect_clean();
}

TEST_P(AppRefunds, are_one_refund_however_often_their_reference_is_sent) {
    const std::string payment = paid_by(*crm_, "A1");
    const Reply first = ask(payment, "R1", 300);
    const Reply again = ask(payment, "R1", 300);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.text("/data/id"), first.text("/data/id"));
    EXPECT_EQ(ask(payment, "R1", 301).error(), "refund_reference_used");
    EXPECT_EQ(integer("SELECT count(*) FROM refunds"), 1);
}

TEST_P(AppRefunds, do_not_meet_the_keys_of_staff) {
    const std::string payment = paid_by(*crm_, "A1");
    refund(PaymentId{std::stoll(payment)}, 100, "R1").value();
    const Reply its_own = ask(payment, "R1", 300);
    EXPECT_EQ(its_own.status, 201) << its_own.body;
    const Reply all = crm_->get(std::string{kRefunds} + "?payment=" + payment);
    EXPECT_EQ(all.text("/data/list/1/refund_reference"), "null");
    EXPECT_EQ(all.text("/data/list/1/origin"), "staff");
}

TEST_P(AppRefunds, of_another_app_are_not_there) {
    const std::string payment = paid_by(*crm_, "A1");
    const Reply mine = ask(payment, "R1", 300);
    const RouteClient other = new_client("erp");
    EXPECT_EQ(other.post(kRefunds, body(payment, "R2", 1)).error(), "payment_not_found");
    EXPECT_EQ(
        other.get(std::string{kRefunds} + "/" + mine.text("/data/id")).error(), "refund_not_found"
    );
    EXPECT_EQ(
        other.get(std::string{kRefunds} + "?payment=" + payment).error(), "payment_not_found"
    );
    EXPECT_EQ(guest_.get(kRefunds).status, 401);
    EXPECT_EQ(integer("SELECT count(*) FROM refunds"), 1);
}

TEST_P(AppRefunds, refuse_what_cannot_be) {
    const Reply bad = crm_->post(kRefunds, R"({"payment":"x","refund_reference":"","amount":0})");
    for (const char* field : {"payment", "refund_reference", "amount", "reason"}) {
        EXPECT_TRUE(bad.blames(field)) << field;
    }
    EXPECT_EQ(ask("99", "R1", 1).error(), "payment_not_found");
    const Reply begun = crm_->post("/api/pay/v1/payments", wanted("A1"));
    EXPECT_EQ(ask(begun.text("/data/id"), "R1", 1).error(), "not_refundable");
    EXPECT_EQ(crm_->get(std::string{kRefunds} + "/99").error(), "refund_not_found");
    EXPECT_TRUE(crm_->get(kRefunds).blames("payment"));
}

}  // namespace
}  // namespace doorbuster::pay_api
