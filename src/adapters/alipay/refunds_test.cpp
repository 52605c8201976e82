#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "adapters/alipay/provider.hpp"
#include "support/alipay_world.hpp"

namespace doorbuster::alipay {
namespace {

using State = ProviderRefund::State;

constexpr auto kRefund = "alipay_trade_refund_response";
constexpr auto kRefundQuery = "alipay_trade_fastpay_refund_query_response";

class Refunds : public test::AlipayWorld {
protected:
    auto refund() { return test::run(provider_.refund(order_)); }
    auto query() { return test::run(provider_.query_refund(order_)); }

    ProviderRefundOrder order_{
        .out_refund_no = "RF20261123000001",
        .out_trade_no = "SK20261122000001",
        .transaction_id = "42",
        .amount = Money::fen(30),
        .paid = Money::fen(8888),
        .reason = "坏了 \"broken\""};
};

const std::string kDone =
    R"({"code":"10000","fund_change":"Y","gmt_refund_pay":"2026-11-23 09:00:00",)"
    R"("out_trade_no":"SK20261122000001","refund_fee":"0.90","trade_no":"42"})";
const std::string kNothingMoved =
    R"({"code":"10000","fund_change":"N","out_trade_no":"SK20261122000001","refund_fee":"0.30"})";

TEST_F(Refunds, always_have_a_number_so_that_asking_again_is_harmless) {
    answer(kRefund, kDone);
    refund();
    const OutboundRequest sent = http_.requests().at(0);
    const auto content = boost::json::parse(parse_form(sent.body).value().at("biz_content"));
    EXPECT_EQ(test::text_at(content, "out_request_no"), "RF20261123000001");
    EXPECT_EQ(test::text_at(content, "out_trade_no"), "SK20261122000001");
    EXPECT_EQ(test::text_at(content, "refund_amount"), "0.30");
    EXPECT_EQ(test::text_at(content, "refund_reason"), "坏了 \"broken\"");
    refund();
    EXPECT_EQ(http_.requests().at(1).body, sent.body);
}

TEST_F(Refunds, have_succeeded_when_this_call_moved_money) {
    answer(kRefund, kDone);
    const auto outcome = refund();
    ASSERT_TRUE(outcome.value);
    EXPECT_EQ(outcome.value->state, State::succeeded);
    EXPECT_EQ(outcome.value->out_refund_no, "RF20261123000001");
    EXPECT_FALSE(outcome.value->amount) << "what is told is the sum of all refunds";
    answer(kRefund, kNothingMoved);
    EXPECT_EQ(refund().value->state, State::processing) << "a query decides";
}

TEST_F(Refunds, are_refused_for_good_only_by_a_signed_code_that_says_so) {
    for (const char* code :
         {"ACQ.TRADE_HAS_FINISHED",
          "ACQ.DISCORDANT_REPEAT_REQUEST",
          "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
          "ACQ.TRADE_NOT_EXIST"}) {
        answer(kRefund, test::AlipayWorld::failure(code));
        EXPECT_FALSE(refund().value);
        EXPECT_TRUE(refund().refused.final_answer) << code;
        answer(kRefund, test::AlipayWorld::failure(code), "stranger");
        EXPECT_FALSE(refund().refused.final_answer) << code;
        answer(kRefund, test::AlipayWorld::failure(code), "");
        EXPECT_FALSE(refund().refused.final_answer) << code;
    }
    for (const char* code :
         {"ACQ.SYSTEM_ERROR",
          "ACQ.SELLER_BALANCE_NOT_ENOUGH",
          "ACQ.REASON_TRADE_BEEN_FREEZEN",
          "ACQ.CODE_OF_TOMORROW"}) {
        answer(kRefund, test::AlipayWorld::failure(code));
        EXPECT_FALSE(refund().value);
        EXPECT_FALSE(refund().refused.final_answer) << code;
    }
}

TEST_F(Refunds, that_lack_money_say_so) {
    answer(kRefund, test::AlipayWorld::failure("ACQ.SELLER_BALANCE_NOT_ENOUGH"));
    EXPECT_TRUE(refund().refused.needs_money);
    answer(kRefund, test::AlipayWorld::failure("ACQ.SELLER_BALANCE_NOT_ENOUGH"), "");
    EXPECT_FALSE(refund().refused.needs_money);
}

TEST_F(Refunds, are_unknown_when_nobody_answered_or_the_answer_proves_nothing) {
    fail(true);
    EXPECT_EQ(refund().refused.code, "NO_ANSWER");
    EXPECT_FALSE(refund().refused.final_answer);
    answer(kRefund, kDone, "stranger");
    EXPECT_EQ(refund().refused.code, "UNVERIFIED");
    answer(kRefund, R"({"code":"10000","fund_change":"Y","out_trade_no":"SK20261122000002"})");
    EXPECT_FALSE(refund().value) << "another trade's";
    answer(kRefund, R"({"code":"10003","msg":"Order Success Pay Inprocess"})");
    EXPECT_FALSE(refund().refused.final_answer);
}

TEST_F(Refunds, are_asked_about_by_their_number) {
    answer(
        kRefundQuery,
        R"({"code":"10000","out_request_no":"RF20261123000001","out_trade_no":"SK20261122000001",)"
        R"("refund_amount":"0.30","refund_status":"REFUND_SUCCESS","total_amount":"88.88",)"
        R"("gmt_refund_pay":"2026-11-23 09:00:00"})"
    );
    const auto outcome = query();
    ASSERT_TRUE(outcome.value);
    EXPECT_EQ(outcome.value->state, State::succeeded);
    EXPECT_EQ(outcome.value->amount, Money::fen(30));
    EXPECT_EQ(outcome.value->succeeded_at, from_rfc3339("2026-11-23T01:00:00Z"));
}

TEST_F(Refunds, that_a_query_does_not_name_do_not_exist_yet) {
    answer(kRefundQuery, R"({"code":"10000","msg":"Success"})");
    EXPECT_EQ(query().value->state, State::not_exist);
    answer(kRefundQuery, test::AlipayWorld::failure("ACQ.TRADE_NOT_EXIST"));
    EXPECT_EQ(query().value->state, State::not_exist);
    answer(kRefundQuery, R"({"code":"10000","out_request_no":"RF20261123000001"})");
    EXPECT_EQ(query().value->state, State::processing);
    EXPECT_EQ(query().value->out_trade_no, "SK20261122000001");
}

TEST_F(Refunds, of_others_answer_no_question) {
    answer(
        kRefundQuery,
        R"({"code":"10000","out_request_no":"RF9","refund_amount":"0.30","refund_status":"REFUND_SUCCESS"})"
    );
    EXPECT_FALSE(query().value);
    answer(kRefundQuery, test::AlipayWorld::failure("ACQ.TRADE_NOT_EXIST"), "");
    EXPECT_FALSE(query().value) << "hearsay";
}

TEST_F(Refunds, that_alipay_never_takes_are_not_asked_for) {
    order_.out_refund_no = "";
    EXPECT_TRUE(refund().refused.final_answer);
    EXPECT_FALSE(query().value);
    order_.out_refund_no = "RF1";
    order_.amount = Money{};
    EXPECT_TRUE(refund().refused.final_answer);
    EXPECT_TRUE(http_.requests().empty());
}

}  // namespace
}  // namespace doorbuster::alipay
