#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sandbox_merchants.hpp"

namespace doorbuster::sandbox {
namespace {

using Point = Faults::Point;
using test::NotifyRoute;
using test::SandboxWorld;
using test::WechatMerchant;
using testing::HasSubstr;

class WechatRefund : public testing::Test {
protected:
    WechatRefund() { merchant_.pay("ORDER1", 1000); }

    void settle() {
        world_.clock.advance(std::chrono::seconds{60});
        while (test::run(world_.sandbox.settle_due_refund())) {
        }
    }
    std::string status(const std::string& number) {
        return merchant_.get("/v3/refund/domestic/refunds/" + number).text("/status");
    }
    std::int64_t sum(const std::string& pointer) {
        return world_.control.get("/sandbox/control/statement?provider=wechat_pay")
            .integer("/data" + pointer);
    }

    SandboxWorld world_;
    WechatMerchant merchant_{world_};
};

TEST_F(WechatRefund, is_under_way_for_a_while_then_done_and_told) {
    NotifyRoute shop{world_};
    world_.deliver();
    const auto accepted = merchant_.refund("ORDER1", "R1", 300, 1000);
    EXPECT_EQ(accepted.status, 200);
    EXPECT_EQ(accepted.text("/status"), "PROCESSING");
    EXPECT_EQ(merchant_.query("ORDER1").text("/trade_state"), "REFUND");
    EXPECT_EQ(status("R1"), "PROCESSING");
    settle();
    EXPECT_EQ(status("R1"), "SUCCESS");
    EXPECT_EQ(world_.deliver(), 1);
    EXPECT_THAT(shop.bodies.back(), HasSubstr(R"("event_type":"REFUND.SUCCESS")"));
    EXPECT_EQ(sum("/refunds/SUCCESS/amount"), 300);
}

TEST_F(WechatRefund, is_the_same_for_the_same_number_and_refused_with_other_parameters) {
    const auto first = merchant_.refund("ORDER1", "R1", 300, 1000);
    const auto again = merchant_.refund("ORDER1", "R1", 300, 1000);
    EXPECT_EQ(first.text("/refund_id"), again.text("/refund_id"));
    EXPECT_EQ(merchant_.refund("ORDER1", "R1", 301, 1000).text("/code"), "INVALID_REQUEST");
    EXPECT_EQ(sum("/refunds/PROCESSING/count"), 1);
}

TEST_F(WechatRefund, keeps_the_documented_limits) {
    EXPECT_EQ(merchant_.refund("OTHER1", "R1", 1, 1000).text("/code"), "RESOURCE_NOT_EXISTS");
    EXPECT_EQ(merchant_.refund("ORDER1", "R1", 1, 999).text("/code"), "INVALID_REQUEST");
    EXPECT_EQ(merchant_.refund("ORDER1", "R1", 1001, 1000).text("/code"), "INVALID_REQUEST");
    EXPECT_EQ(merchant_.refund("ORDER1", "R1", 0, 1000).text("/code"), "PARAM_ERROR");
    merchant_.order("UNPAID", 5);
    EXPECT_EQ(merchant_.refund("UNPAID", "R1", 5, 5).text("/code"), "INVALID_REQUEST");
    EXPECT_EQ(merchant_.refund("ORDER1", "R1", 600, 1000).status, 200);
    EXPECT_EQ(merchant_.refund("ORDER1", "R2", 1, 1000).status, 429);
    world_.clock.advance(std::chrono::minutes{1});
    EXPECT_EQ(merchant_.refund("ORDER1", "R2", 401, 1000).text("/code"), "INVALID_REQUEST");
    EXPECT_EQ(merchant_.refund("ORDER1", "R2", 400, 1000).status, 200);
    merchant_.pay("ORDER2", 1000);
    for (int i = 0; i < 51; ++i) {
        world_.clock.advance(std::chrono::minutes{1});
        const auto reply = merchant_.refund("ORDER2", "P" + std::to_string(i), 1, 1000);
        EXPECT_EQ(reply.status, i < 50 ? 200 : 400) << i;
    }
    world_.clock.advance(std::chrono::days{365});
    EXPECT_EQ(merchant_.refund("ORDER2", "R9", 1, 1000).status, 400);
}

TEST_F(WechatRefund, in_parts_gives_back_exactly_what_was_paid_and_the_fee) {
    world_.phone.post(
        "/sandbox/scan", R"({"code_url":")" + merchant_.order("COUPON", 1000) + R"(","coupon":333})"
    );
    for (int part = 0; part < 3; ++part) {
        const int amount = part < 2 ? 333 : 334;
        EXPECT_EQ(merchant_.refund("COUPON", "C" + std::to_string(part), amount, 1000).status, 200);
        settle();
    }
    EXPECT_EQ(sum("/account/refund/amount"), -667);
    // Of both orders: 6 and 4 fen; what came back is the second one's.
    EXPECT_EQ(sum("/account/fee/amount"), -10);
    EXPECT_EQ(sum("/account/fee_back/amount"), 4);
    EXPECT_EQ(sum("/balance"), 1000 - 6);
}

TEST_F(WechatRefund, that_fails_frees_the_amount_for_another_number) {
    world_.faults.set_for("ORDER1", Point::refund_closed, 1);
    merchant_.refund("ORDER1", "R1", 1000, 1000);
    settle();
    EXPECT_EQ(status("R1"), "CLOSED");
    EXPECT_EQ(sum("/balance"), 1000 - 6);
    EXPECT_EQ(merchant_.refund("ORDER1", "R2", 1000, 1000).status, 200);
    settle();
    EXPECT_EQ(status("R2"), "SUCCESS");
    EXPECT_EQ(sum("/balance"), 0);
}

TEST_F(WechatRefund, that_is_abnormal_goes_on_when_a_person_helps) {
    world_.faults.set_for("ORDER1", Point::refund_abnormal, 1);
    const std::string id = merchant_.refund("ORDER1", "R1", 10, 1000).text("/refund_id");
    settle();
    EXPECT_EQ(status("R1"), "ABNORMAL");
    const std::string path = "/v3/refund/domestic/refunds/" + id + "/apply-abnormal-refund";
    EXPECT_EQ(merchant_.post(path, R"({"out_refund_no":"R9"})").status, 404);
    const auto helped = merchant_.post(path, R"({"out_refund_no":"R1","type":"USER_BANK_CARD"})");
    EXPECT_EQ(helped.text("/status"), "SUCCESS");
    EXPECT_EQ(merchant_.post(path, R"({"out_refund_no":"R1"})").status, 400);
}

TEST_F(WechatRefund, is_settled_by_hand) {
    merchant_.refund("ORDER1", "R1", 10, 1000);
    const auto settle_as = [&](const char* status) {
        return world_.control.post(
            "/sandbox/control/settle",
            R"({"provider":"wechat_pay","out_refund_no":"R1","status":")" + std::string{status} +
                "\"}"
        );
    };
    EXPECT_EQ(settle_as("ABNORMAL").text("/data/state"), "ABNORMAL");
    EXPECT_EQ(settle_as("CLOSED").text("/data/state"), "CLOSED");
    EXPECT_EQ(settle_as("SUCCESS").error(), "sandbox_refund_is_final");
}

TEST_F(WechatRefund, refused_for_want_of_balance_leaves_nothing_behind) {
    world_.faults.set_for("ORDER1", Point::refund_refused, 1);
    EXPECT_EQ(merchant_.refund("ORDER1", "R1", 10, 1000).text("/code"), "NOT_ENOUGH");
    EXPECT_EQ(merchant_.get("/v3/refund/domestic/refunds/R1").status, 404);
    EXPECT_EQ(merchant_.refund("ORDER1", "R1", 10, 1000).status, 200);
}

}  // namespace
}  // namespace doorbuster::sandbox
