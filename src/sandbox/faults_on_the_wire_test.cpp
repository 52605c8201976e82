#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/hang_up.hpp"
#include "support/sandbox_merchants.hpp"

namespace doorbuster::sandbox {
namespace {

using Point = Faults::Point;
using test::AlipayMerchant;
using test::NotifyRoute;
using test::SandboxWorld;
using test::WechatMerchant;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string header(
    const std::vector<std::pair<std::string, std::string>>& headers, std::string_view name
) {
    for (const auto& [key, value] : headers) {
        if (http::equal_ignoring_case(key, name)) return value;
    }
    return {};
}

class WireFaults : public testing::Test {
protected:
    // Whether WeChat Pay's public key, or its newest certificate, proves an answer.
    bool proven(const test::Reply& reply) {
        const auto& identity = test::shared_identity().wechat_pay;
        const std::string message = reply.header("Wechatpay-Timestamp") + "\n" +
                                    reply.header("Wechatpay-Nonce") + "\n" + reply.body + "\n";
        const std::string serial = reply.header("Wechatpay-Serial");
        const auto platform = identity.platform_keys->current();
        const bool certified = serial == platform.certificate.serial_hex;
        if (!certified && serial != identity.merchant.public_key_id) return false;
        const RsaKey& key = certified ? platform.key : identity.platform_key;
        return key.verify(message, reply.header("Wechatpay-Signature"));
    }

    SandboxWorld world_;
    WechatMerchant wechat_{world_};
    AlipayMerchant alipay_{world_};
};

TEST_F(WireFaults, have_one_name_each) {
    for (std::size_t i = 0; i < Faults::kPoints; ++i) {
        const auto point = static_cast<Point>(i);
        EXPECT_EQ(fault_named(name_of(point)), point);
    }
    EXPECT_EQ(fault_named(""), std::nullopt);
}

TEST_F(WireFaults, before_a_call_leave_no_trace_of_it) {
    for (const auto& [point, status] :
         {std::pair{Point::server_error, 500},
          {Point::rate_limited, 429},
          {Point::unsigned_error, 404},
          {Point::reset_before, http::kHangUp}}) {
        world_.faults.set(point, 1);
        EXPECT_EQ(wechat_.query("ORDER1").status, status);
        wechat_.order("ORDER1", 100);
        world_.faults.set(point, 0);
        EXPECT_EQ(wechat_.query("ORDER1").status, 404);
    }
}

TEST_F(WireFaults, after_a_call_hide_that_it_was_done) {
    for (const auto point : {Point::reset_after, Point::error_after}) {
        world_.faults.set(point, 1);
        EXPECT_EQ(wechat_.order(std::string{name_of(point)}, 100), "");
        EXPECT_EQ(alipay_.refund("SK1", "R1", "1.00").has("/sign"), false);
        world_.faults.set(point, 0);
        EXPECT_EQ(wechat_.query(std::string{name_of(point)}).status, 200);
    }
}

TEST_F(WireFaults, of_answers_are_not_to_be_believed) {
    wechat_.pay("ORDER1", 100);
    EXPECT_TRUE(proven(wechat_.query("ORDER1")));
    for (const auto point :
         {Point::answer_bad_signature,
          Point::answer_wrong_key,
          Point::answer_unknown_serial,
          Point::answer_signature_probe}) {
        world_.faults.set_for("ORDER1", point, 1);
        EXPECT_FALSE(proven(wechat_.query("ORDER1"))) << name_of(point);
        EXPECT_TRUE(proven(wechat_.query("ORDER1")));
    }
    // These are signed: what they say is what is wrong.
    world_.faults.set_for("ORDER1", Point::answer_wrong_amount, 1);
    const auto amount = wechat_.query("ORDER1");
    EXPECT_TRUE(proven(amount));
    EXPECT_EQ(amount.integer("/amount/total"), 101);
    world_.faults.set_for("ORDER1", Point::answer_truncated, 1);
    EXPECT_THAT(wechat_.query("ORDER1").body, Not(HasSubstr("}}")));
    world_.faults.set_for("ORDER1", Point::answer_not_json, 1);
    EXPECT_THAT(wechat_.query("ORDER1").body, StartsWith("<html"));
    world_.faults.set_for("ORDER1", Point::answer_extra_fields, 1);
    EXPECT_TRUE(wechat_.query("ORDER1").has("/new_member/of"));
    world_.faults.set_for("ORDER1", Point::answer_stale_timestamp, 1);
    const auto stale = wechat_.query("ORDER1");
    const auto now = std::chrono::floor<std::chrono::seconds>(world_.clock.now());
    EXPECT_EQ(
        std::stoll(stale.header("Wechatpay-Timestamp")), now.time_since_epoch().count() - 601
    );
}

TEST_F(WireFaults, of_deliveries_strike_one_delivery_and_the_next_is_right) {
    NotifyRoute shop{world_};
    shop.status = 500;
    wechat_.pay("ORDER1", 100);
    world_.faults.set_for("ORDER1", Point::signature_probe, 1);
    EXPECT_EQ(world_.deliver(), 1);
    EXPECT_THAT(
        header(shop.headers.back(), "Wechatpay-Signature"), StartsWith("WECHATPAY/SIGNTEST/")
    );
    world_.clock.advance(std::chrono::seconds{15});
    EXPECT_EQ(world_.deliver(), 1);
    EXPECT_THAT(header(shop.headers.back(), "Wechatpay-Signature"), Not(StartsWith("WECHATPAY/")));
}

TEST_F(WireFaults, hold_a_payment_back_until_its_refund_was_told) {
    NotifyRoute shop{world_};
    world_.faults.set_for("ORDER1", Point::reorder_notification, 1);
    wechat_.pay("ORDER1", 100);
    EXPECT_EQ(world_.deliver(), 0);
    wechat_.refund("ORDER1", "R1", 100, 100);
    world_.clock.advance(std::chrono::seconds{3});
    while (test::run(world_.sandbox.settle_due_refund())) {
    }
    EXPECT_EQ(world_.deliver(), 1);
    EXPECT_THAT(shop.bodies.back(), HasSubstr("REFUND.SUCCESS"));
    world_.clock.advance(std::chrono::seconds{1});
    EXPECT_EQ(world_.deliver(), 1);
    EXPECT_THAT(shop.bodies.back(), HasSubstr("TRANSACTION.SUCCESS"));
}

TEST_F(WireFaults, pay_at_the_deadline_after_the_close_or_not_at_all) {
    world_.faults.set_for("ORDER1", Point::pay_after_close, 1);
    const std::string code = wechat_.order("ORDER1", 100);
    const std::string body = R"({"mchid":")" + world_.sandbox.merchant().mchid + "\"}";
    EXPECT_EQ(wechat_.post("/v3/pay/transactions/out-trade-no/ORDER1/close", body).status, 204);
    EXPECT_EQ(world_.scan(code).status, 200);
    EXPECT_EQ(wechat_.query("ORDER1").text("/trade_state"), "SUCCESS");

    world_.faults.set_for("ORDER2", Point::close_under_buyer, 1);
    EXPECT_EQ(world_.scan(wechat_.order("ORDER2", 100)).error(), "sandbox_order_closed");
    EXPECT_EQ(wechat_.query("ORDER2").text("/trade_state"), "CLOSED");

    world_.faults.set_for("SK1", Point::pay_at_deadline, 1);
    alipay_.scan(alipay_.page("SK1", "1.00", R"(,"timeout_express":"5m")"));
    const std::string deadline = beijing_text(world_.clock.now() + std::chrono::minutes{5});
    EXPECT_THAT(
        alipay_.node("alipay.trade.query", R"({"out_trade_no":"SK1"})"),
        HasSubstr(R"("send_pay_date":")" + deadline)
    );
    world_.faults.set_for("SK2", Point::close_under_buyer, 1);
    EXPECT_EQ(alipay_.scan(alipay_.page("SK2", "1.00")).error(), "sandbox_order_closed");
}

TEST_F(WireFaults, strike_the_list_of_certificates_too) {
    world_.faults.set(Point::reset_before, 1);
    EXPECT_EQ(wechat_.get("/v3/certificates").status, 404)
        << "public-key mode; struck by name only";
    world_.faults.clear();
    world_.control.patch("/sandbox/control", R"({"platform_certificates":true})");
    const auto ask = [&] { return wechat_.get("/v3/certificates"); };
    for (const auto& [point, status] :
         {std::pair{Point::server_error, 500},
          {Point::rate_limited, 429},
          {Point::reset_before, http::kHangUp},
          {Point::reset_after, http::kHangUp}}) {
        world_.faults.set_for("certificates", point, 1);
        EXPECT_EQ(ask().status, status) << name_of(point);
        EXPECT_TRUE(proven(ask()));
    }
    world_.faults.set_for("certificates", Point::answer_bad_signature, 1);
    EXPECT_FALSE(proven(ask()));
    world_.faults.set_for("certificates", Point::answer_not_json, 1);
    EXPECT_THAT(ask().body, StartsWith("<html"));
    EXPECT_TRUE(proven(ask()));
}

TEST_F(WireFaults, change_the_platform_key_in_mid_run) {
    world_.control.patch("/sandbox/control", R"({"platform_certificates":true})");
    wechat_.pay("ORDER1", 100);
    const auto before = wechat_.query("ORDER1");
    EXPECT_TRUE(proven(before));
    world_.faults.set(Point::rotate_key, 1);
    const auto after = wechat_.query("ORDER1");
    world_.faults.clear();
    EXPECT_TRUE(proven(after));
    EXPECT_NE(before.header("Wechatpay-Serial"), after.header("Wechatpay-Serial"));
    const auto list = wechat_.get("/v3/certificates");
    EXPECT_GE(list.size("/data"), 2u);
    EXPECT_THAT(list.body, HasSubstr(before.header("Wechatpay-Serial")));
    EXPECT_THAT(list.body, HasSubstr(after.header("Wechatpay-Serial")));
}

TEST_F(WireFaults, of_alipay_notifications_do_not_verify) {
    NotifyRoute shop{world_};
    shop.answer = "fail";
    alipay_.scan(alipay_.page("SK1", "1.00"));
    const auto verifies = [&] {
        http::Request request;
        request.method = http::Method::post;
        request.body = shop.bodies.back();
        auto told = alipay::params_of(request);
        if (!told) return false;
        const std::string text = alipay::text_to_sign(*told, false);
        return test::shared_identity().alipay.alipay_key.verify(text, (*told)["sign"]);
    };
    for (const auto& [point, right] :
         {std::pair{Point::bad_signature, false},
          {Point::wrong_key, false},
          {Point::truncated_body, false},
          {Point::not_json, false},
          {Point::wrong_amount, true},
          {Point::wrong_owner, true},
          {Point::extra_fields, true}}) {
        world_.faults.set_for("SK1", point, 1);
        world_.control.post("/sandbox/control/deliver", "{}");
        world_.deliver();
        EXPECT_EQ(verifies(), right) << name_of(point);
    }
}

}  // namespace
}  // namespace doorbuster::sandbox
