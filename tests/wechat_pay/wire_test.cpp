#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/wechat_pay/messages.hpp"
#include "wechat_world.hpp"

// Create, query and close over the wire protocol, and what happens when the wire lies.
namespace doorbuster::wechat_pay {
namespace {

using State = ProviderTrade::State;
using testing::StartsWith;

constexpr auto kNumber = "SK2026_11-23|01*";

TEST(WechatWire, an_order_is_created_scanned_paid_and_found_paid) {
    WechatWorld world;
    const std::string code_url = world.created(world.order(kNumber));
    EXPECT_THAT(code_url, StartsWith("weixin://wxpay/bizpayurl?pr="));
    EXPECT_EQ(world.query(kNumber).value->state, State::not_paid);

    const auto scanned = world.scan(code_url);
    ASSERT_EQ(scanned.status, 200) << scanned.body;
    EXPECT_EQ(scanned.integer("/data/total"), 8888);

    const auto trade = world.query(kNumber).value;
    ASSERT_TRUE(trade);
    EXPECT_EQ(trade->state, State::paid);
    EXPECT_EQ(trade->out_trade_no, kNumber);
    EXPECT_EQ(trade->transaction_id, scanned.text("/data/transaction_id"));
    EXPECT_EQ(trade->merchant, world.provider.merchant());
    EXPECT_EQ(trade->seller, world.provider.seller());
    EXPECT_EQ(trade->amount, Money::fen(8888));
    EXPECT_EQ(trade->currency, "CNY");
    EXPECT_EQ(trade->paid_at, world.clock.now());
}

TEST(WechatWire, a_coupon_changes_what_the_payer_pays_not_the_amount_of_the_order) {
    WechatWorld world;
    const std::string code_url = world.created(world.order(kNumber));
    const auto scanned =
        world.phone.post("/sandbox/scan", R"({"code_url":")" + code_url + R"(","coupon":888})");
    EXPECT_EQ(scanned.integer("/data/payer_total"), 8000);
    EXPECT_EQ(world.query(kNumber).value->amount, Money::fen(8888));
    world.deliver();
    EXPECT_EQ(world.accepted.at(0).trade.amount, Money::fen(8888));
}

TEST(WechatWire, a_coupon_beyond_the_total_is_refused_and_pays_nothing) {
    WechatWorld world;
    const std::string code_url = world.created(world.order(kNumber));
    const auto scanned =
        world.phone.post("/sandbox/scan", R"({"code_url":")" + code_url + R"(","coupon":8889})");
    EXPECT_EQ(scanned.status, 422);
    EXPECT_EQ(world.query(kNumber).value->state, State::not_paid);
}

TEST(WechatWire, re_entry_with_equal_parameters_gives_the_same_code) {
    WechatWorld world;
    const ProviderOrder order = world.order(kNumber);
    EXPECT_EQ(world.created(order), world.created(order));
}

TEST(WechatWire, re_entry_with_other_parameters_is_refused_and_not_final) {
    WechatWorld world;
    ProviderOrder order = world.order(kNumber);
    const std::string code_url = world.created(order);
    order.amount = Money::fen(1);
    const auto outcome = world.create(order);
    EXPECT_FALSE(outcome.value);
    EXPECT_EQ(outcome.refused.code, "INVALIDREQUEST");
    EXPECT_FALSE(outcome.refused.final_answer) << "the first order can still be paid";
    EXPECT_EQ(world.scan(code_url).integer("/data/total"), 8888);
}

TEST(WechatWire, a_code_lives_two_hours_and_a_new_one_takes_its_place) {
    WechatWorld world;
    ProviderOrder order = world.order(kNumber);
    order.expires_at = world.clock.now() + std::chrono::hours{5};
    const std::string first = world.created(order);
    world.clock.advance(std::chrono::hours{2});
    EXPECT_EQ(world.scan(first).error(), "sandbox_code_expired");
    const std::string second = world.created(order);
    EXPECT_NE(first, second);
    EXPECT_EQ(world.scan(first).error(), "sandbox_unknown_code");
    EXPECT_EQ(world.scan(second).status, 200);
}

TEST(WechatWire, nobody_can_pay_after_time_expire_and_the_order_stays_unpaid_until_closed) {
    WechatWorld world;
    const std::string code_url = world.created(world.order(kNumber));
    world.clock.advance(std::chrono::minutes{30});
    EXPECT_EQ(world.scan(code_url).error(), "sandbox_code_expired");
    EXPECT_EQ(world.query(kNumber).value->state, State::not_paid);
    EXPECT_EQ(world.close(kNumber).value, true);
    EXPECT_EQ(world.query(kNumber).value->state, State::closed);
}

TEST(WechatWire, a_time_expire_that_is_too_near_becomes_one_minute) {
    WechatWorld world;
    ProviderOrder order = world.order(kNumber);
    order.expires_at = world.clock.now() + std::chrono::seconds{1};
    const std::string code_url = world.created(order);
    world.clock.advance(std::chrono::seconds{59});
    EXPECT_EQ(world.scan(code_url).status, 200);
}

TEST(WechatWire, a_closed_order_is_never_paid_and_closing_twice_is_fine) {
    WechatWorld world;
    const ProviderOrder order = world.order(kNumber);
    const std::string code_url = world.created(order);
    EXPECT_EQ(world.close(kNumber).value, true);
    EXPECT_EQ(world.close(kNumber).value, true);
    EXPECT_EQ(world.scan(code_url).error(), "sandbox_order_closed");
    const auto again = world.create(order);
    EXPECT_EQ(again.refused.code, "ORDERCLOSED");
    EXPECT_TRUE(again.refused.final_answer);
}

TEST(WechatWire, a_paid_order_cannot_be_closed_or_paid_or_created_again) {
    WechatWorld world;
    const ProviderOrder order = world.order(kNumber);
    const std::string code_url = world.created(order);
    ASSERT_EQ(world.scan(code_url).status, 200);
    EXPECT_EQ(world.close(kNumber).value, false);
    EXPECT_EQ(world.scan(code_url).error(), "sandbox_already_paid");
    EXPECT_EQ(world.create(order).refused.code, "OUTTRADENOUSED");
    EXPECT_FALSE(world.create(order).refused.final_answer);
}

TEST(WechatWire, an_order_that_was_never_created_does_not_exist) {
    WechatWorld world;
    EXPECT_EQ(world.query(kNumber).value->state, State::not_exist);
    const auto closed = world.close(kNumber);
    EXPECT_FALSE(closed.value);
    EXPECT_EQ(closed.refused.code, "ORDERNOTEXIST");
}

TEST(WechatWire, a_trade_is_found_by_its_transaction_too) {
    WechatWorld world;
    const auto scanned = world.scan(world.created(world.order(kNumber)));
    const std::string id = scanned.text("/data/transaction_id");
    const auto reply = test::run(
        world.sandbox.wechat_pay().query_transaction(id, std::string{world.provider.merchant()})
    );
    EXPECT_EQ(parse_transaction(reply.body)->out_trade_no, kNumber);
}

TEST(WechatWire, numbers_that_cannot_be_name_nothing) {
    WechatWorld world;
    const std::string mchid{world.provider.merchant()};
    const std::string nul("SK2026\0x", 8);
    for (const std::string& number :
         {std::string{},
          nul,
          std::string{"\xff\xff\xff\xff\xff\xff"},
          std::string(33, '1'),
          std::string{"' OR 1=1 --"}}) {
        EXPECT_EQ(test::run(world.sandbox.wechat_pay().query(number, mchid)).status, 404);
        EXPECT_EQ(
            test::run(world.sandbox.wechat_pay().query_transaction(number, mchid)).status, 404
        );
        const std::string body = R"({"mchid":")" + mchid + "\"}";
        EXPECT_EQ(test::run(world.sandbox.wechat_pay().close(number, body)).status, 404);
    }
}

TEST(WechatWire, a_request_not_signed_by_the_merchant_is_answered_401_without_a_signature) {
    WechatWorld world;
    const std::string target =
        std::string{sandbox::kWechatPayPrefix} +
        "/v3/pay/transactions/out-trade-no/SK2026?mchid=" + world.sandbox.merchant().mchid;
    const std::string mchid = world.sandbox.merchant().mchid;
    for (const std::string& authorization :
         {std::string{},
          std::string{"Bearer x"},
          std::string{"WECHATPAY2-SHA256-RSA2048 "},
          "WECHATPAY2-SHA256-RSA2048 mchid=\"" + mchid + "\"",
          "WECHATPAY2-SHA256-RSA2048 mchid=\"" + mchid +
              "\",nonce_str=\"n\",timestamp=\"1790000000\",serial_no=\"" +
              world.sandbox.merchant().merchant_serial + "\",signature=\"AAAA\""}) {
        const auto reply =
            world.phone.send(http::Method::get, target, "", {{"Authorization", authorization}});
        EXPECT_EQ(reply.status, 401) << authorization;
        EXPECT_EQ(reply.text("/code"), "SIGN_ERROR");
        EXPECT_EQ(reply.header("Wechatpay-Signature"), "");
    }
}

TEST(WechatWire, a_clock_more_than_five_minutes_off_is_refused_by_both_sides) {
    WechatWorld world;
    test::ManualClock ours{world.clock.now() - std::chrono::seconds{301}};
    WechatPay provider{
        config_for(world.sandbox.merchant(), "http://127.0.0.1:8080"),
        world.network,
        ours,
        world.random};
    const std::string number = kNumber;
    EXPECT_EQ(test::run(provider.query(number)).refused.code, "SIGNERROR");
    ours.jump(std::chrono::seconds{2});
    EXPECT_EQ(test::run(provider.query(number)).value->state, State::not_exist);
}

TEST(WechatWire, a_500_leaves_the_order_unknown_and_uncreated) {
    WechatWorld world;
    world.faults.set(sandbox::Faults::Point::server_error, 1);
    const auto outcome = world.create(world.order(kNumber));
    EXPECT_EQ(outcome.refused.code, "SYSTEMERROR");
    EXPECT_FALSE(outcome.refused.final_answer);
    EXPECT_FALSE(world.query(kNumber).value);
    world.faults.set(sandbox::Faults::Point::server_error, 0);
    EXPECT_EQ(world.query(kNumber).value->state, State::not_exist);
}

TEST(WechatWire, a_slow_answer_is_still_a_true_one) {
    WechatWorld world{{.slow_answer = Milliseconds{1}}};
    world.faults.set(sandbox::Faults::Point::slow_answer, 1);
    EXPECT_THAT(world.created(world.order(kNumber)), StartsWith("weixin://"));
}

TEST(WechatWire, there_are_no_platform_certificates_in_public_key_mode_and_that_is_fine) {
    WechatWorld world;
    EXPECT_EQ(test::run(world.provider.fetch_certificates()), Fetched::none);
    EXPECT_THAT(world.created(world.order(kNumber)), StartsWith("weixin://"));
}

// Every answer on the way is changed at random: nothing of it may be believed.
TEST(WechatWire, answers_changed_on_the_way_are_never_believed) {
    WechatWorld world;
    const ProviderOrder order = world.order(kNumber);
    const std::string code_url = world.created(order);
    test::SeededRandom random{99};
    world.network.tamper = [&](OutboundResponse& answer) {
        if (answer.body.empty()) {
            answer.body = "{}";
            return;
        }
        answer.body[random.next_u64() % answer.body.size()] ^=
            static_cast<char>(1u << random.next_u64() % 7);
    };
    for (int i = 0; i < 300; ++i) {
        EXPECT_FALSE(world.query(kNumber).value);
        EXPECT_FALSE(world.create(order).value);
    }
    EXPECT_FALSE(world.close(kNumber).value);
    world.network.tamper = [](OutboundResponse& answer) { answer.headers.clear(); };
    EXPECT_FALSE(world.query(kNumber).value);
    EXPECT_FALSE(world.close(kNumber).value);
    EXPECT_FALSE(world.query("SK2026112399").value) << "an unsigned 404 proves nothing";
}

TEST(WechatWire, an_answer_to_an_earlier_question_is_not_taken_for_this_one) {
    WechatWorld world;
    const std::string other = "SK2026112402";
    const auto paid = world.created(world.order(other));
    ASSERT_EQ(world.scan(paid).status, 200);
    ASSERT_NE(world.created(world.order(kNumber)), "");
    OutboundResponse recorded;
    world.network.tamper = [&](OutboundResponse& answer) { recorded = answer; };
    ASSERT_EQ(world.query(other).value->state, State::paid);
    world.network.tamper = [&](OutboundResponse& answer) { answer = recorded; };
    EXPECT_FALSE(world.query(kNumber).value);
}

TEST(WechatWire, the_list_and_the_confirmation_show_the_order_and_the_form_pays_it) {
    WechatWorld world;
    const std::string code_url = world.created(world.order(kNumber));
    const std::string code = code_url.substr(sandbox::kCodeUrlPrefix.size());
    EXPECT_THAT(world.phone.get("/sandbox").body, testing::HasSubstr(code_url));
    EXPECT_THAT(world.phone.get("/sandbox/pay?pr=" + code).body, testing::HasSubstr("88.88"));
    auto form = world.phone;
    form.content_type = "application/x-www-form-urlencoded";
    const auto paid =
        form.post("/sandbox/pay", "code_url=weixin%3A%2F%2Fwxpay%2Fbizpayurl%3Fpr%3D" + code);
    EXPECT_EQ(paid.status, 200);
    EXPECT_THAT(paid.body, testing::HasSubstr("支付成功"));
    EXPECT_EQ(world.query(kNumber).value->state, State::paid);
    EXPECT_THAT(world.phone.get("/sandbox").body, testing::Not(testing::HasSubstr(code_url)));
}

}  // namespace
}  // namespace doorbuster::wechat_pay
