#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/wechat_pay/refund_messages.hpp"
#include "support/wechat_pay_answers.hpp"

namespace doorbuster::wechat_pay {
namespace {

using State = ProviderRefund::State;
using test::error_json;
using testing::HasSubstr;
using testing::Not;

ProviderRefundOrder an_order() {
    return {
        .out_refund_no = "RF20261123000001",
        .out_trade_no = "SK20261122000001",
        .transaction_id = "4200002214202611229384756102",
        .amount = Money::fen(30),
        .paid = Money::fen(100),
        .reason = "缺货"};
}

std::string refund_json(const std::string& status, const std::string& number = "RF20261123000001") {
    return R"({"refund_id":"503","out_refund_no":")" + number +
           R"(","transaction_id":"4200002214202611229384756102","out_trade_no":"SK20261122000001",)"
           R"("channel":"ORIGINAL","user_received_account":"x","status":")" +
           status +
           R"(","success_time":"2026-11-22T10:31:00+08:00","amount":{"total":100,"refund":30,)"
           R"("payer_total":90,"payer_refund":27,"currency":"CNY"}})";
}

class Refunds : public test::AnsweredByWechatPay {
protected:
    auto refund() { return test::run(provider_.refund(order_)); }
    auto query() { return test::run(provider_.query_refund(order_)); }

    ProviderRefundOrder order_ = an_order();
};

TEST_F(Refunds, are_asked_for_by_number_transaction_and_amounts) {
    answer(200, refund_json("PROCESSING"));
    ASSERT_TRUE(refund().value);
    const OutboundRequest sent = http_.requests().at(0);
    EXPECT_EQ(sent.method, "POST");
    EXPECT_EQ(sent.url, "https://wechat.test/v3/refund/domestic/refunds");
    EXPECT_EQ(
        sent.body,
        R"({"transaction_id":"4200002214202611229384756102","out_refund_no":"RF20261123000001",)"
        R"("reason":"缺货",)"
        R"("notify_url":"https://shop.test/api/v1/payments/notifications/wechat_pay",)"
        R"("amount":{"refund":30,"total":100,"currency":"CNY"}})"
    );
    refund();
    EXPECT_EQ(http_.requests().at(1).body, sent.body) << "the same number is the same refund";
}

TEST_F(Refunds, name_the_order_where_the_transaction_is_not_known) {
    order_.transaction_id.clear();
    const std::string body = refund_body(order_, "https://shop.test/n");
    EXPECT_THAT(body, HasSubstr(R"("out_trade_no":"SK20261122000001")"));
    EXPECT_THAT(body, Not(HasSubstr("transaction_id")));
}

TEST_F(Refunds, have_a_reason_of_at_most_80_bytes_or_none) {
    order_.reason = std::string(79, 'x') + "货";
    EXPECT_THAT(refund_body(order_, "u"), HasSubstr('"' + std::string(79, 'x') + '"'));
    order_.reason.clear();
    EXPECT_THAT(refund_body(order_, "u"), Not(HasSubstr("reason")));
}

TEST_F(Refunds, are_told_where_the_settings_say) {
    Config config = test::wechat_config();
    config.refund_notify_url = "https://shop.test/refunds";
    WechatPay provider{config, http_, clock_, random_};
    answer(200, refund_json("PROCESSING"));
    ASSERT_TRUE(test::run(provider.refund(order_)).value);
    EXPECT_THAT(http_.requests().at(0).body, HasSubstr(R"("notify_url":"https://shop.test/refu)"));
}

TEST_F(Refunds, have_the_states_that_are_signed) {
    const std::pair<const char*, State> states[] = {
        {"PROCESSING", State::processing},
        {"SUCCESS", State::succeeded},
        {"CLOSED", State::failed},
        {"ABNORMAL", State::abnormal},
        {"NEWSTATE", State::unknown}};
    for (const auto& [name, state] : states) {
        answer(200, refund_json(name));
        for (const auto& outcome : {refund(), query()}) {
            ASSERT_TRUE(outcome.value) << name;
            EXPECT_EQ(outcome.value->state, state) << name;
            EXPECT_EQ(outcome.value->refund_id, "503");
            EXPECT_EQ(outcome.value->out_trade_no, "SK20261122000001");
            EXPECT_EQ(outcome.value->amount, Money::fen(30)) << "not what the payer gets";
            EXPECT_EQ(outcome.value->succeeded_at.has_value(), state == State::succeeded);
        }
    }
}

TEST_F(Refunds, are_queried_by_their_number_in_percent_encoding) {
    order_.out_refund_no = "RF|1@a*";
    answer(200, refund_json("SUCCESS", "RF|1@a*"));
    ASSERT_TRUE(query().value);
    EXPECT_EQ(
        http_.requests().at(0).url, "https://wechat.test/v3/refund/domestic/refunds/RF%7C1%40a*"
    );
}

TEST_F(Refunds, with_numbers_that_cannot_be_are_not_asked_about) {
    for (const std::string& number :
         {std::string{}, std::string{"../evil"}, std::string(65, '1'), std::string{"号"}}) {
        order_.out_refund_no = number;
        EXPECT_TRUE(refund().refused.final_answer) << number;
        EXPECT_FALSE(query().value) << number;
    }
    EXPECT_TRUE(http_.requests().empty());
}

TEST_F(Refunds, are_refused_for_good_only_by_signed_codes_that_cannot_change) {
    for (const char* code :
         {"PARAM_ERROR",
          "INVALID_REQUEST",
          "NO_AUTH",
          "MCH_NOT_EXISTS",
          "USER_ACCOUNT_ABNORMAL",
          "ACCOUNT_ERROR",
          "RULELIMIT",
          "TRADE_ERROR"}) {
        answer(403, error_json(code));
        EXPECT_TRUE(refund().refused.final_answer) << code;
        EXPECT_FALSE(query().refused.final_answer) << "asking is never refused for good";
        answer(403, error_json(code), Signed::no);
        EXPECT_FALSE(refund().refused.final_answer) << code;
        answer(500, error_json(code));
        EXPECT_FALSE(refund().refused.final_answer) << code;
    }
    for (const char* code :
         {"SYSTEM_ERROR", "BANK_ERROR", "FREQUENCY_LIMITED", "SIGN_ERROR", "NEW_CODE", ""}) {
        answer(429, error_json(code));
        EXPECT_FALSE(refund().refused.final_answer) << code;
    }
}

TEST_F(Refunds, of_an_order_paid_a_moment_ago_are_asked_for_again) {
    answer(404, error_json("RESOURCE_NOT_EXISTS"));
    EXPECT_FALSE(refund().value);
    EXPECT_FALSE(refund().refused.final_answer);
}

TEST_F(Refunds, without_money_on_the_account_say_so_and_may_be_asked_for_again) {
    for (const char* code : {"NOT_ENOUGH", "NOTENOUGH"}) {
        answer(403, error_json(code));
        EXPECT_TRUE(refund().refused.needs_money) << code;
        EXPECT_FALSE(refund().refused.final_answer) << code;
        answer(403, error_json(code), Signed::no);
        EXPECT_FALSE(refund().refused.needs_money) << "hearsay wakes nobody";
    }
}

TEST_F(Refunds, that_a_signed_404_does_not_know_do_not_exist) {
    answer(404, error_json("RESOURCE_NOT_EXISTS"));
    ASSERT_TRUE(query().value);
    EXPECT_EQ(query().value->state, State::not_exist);
    EXPECT_EQ(query().value->out_refund_no, order_.out_refund_no);
    answer(404, error_json("RESOURCE_NOT_EXISTS"), Signed::no);
    EXPECT_FALSE(query().value);
    answer(404, error_json("MCH_NOT_EXISTS"));
    EXPECT_FALSE(query().value) << "it is we who do not exist";
}

TEST_F(Refunds, are_not_believed_unsigned_or_about_another_number) {
    for (const Signed how : {Signed::no, Signed::by_stranger}) {
        answer(200, refund_json("SUCCESS"), how);
        EXPECT_FALSE(refund().value);
        EXPECT_FALSE(query().value);
    }
    answer(200, refund_json("SUCCESS", "RF20261123000002"));
    EXPECT_FALSE(refund().value);
    EXPECT_FALSE(query().value);
}

TEST_F(Refunds, with_parts_missing_or_malformed_are_unreadable) {
    const std::string whole = refund_json("SUCCESS");
    ASSERT_TRUE(parse_refund(whole));
    for (const char* member :
         {"refund_id", "out_refund_no", "transaction_id", "out_trade_no", "status", "refund"}) {
        std::string without = whole;
        without.replace(without.find('"' + std::string{member} + '"') + 1, 1, "?");
        EXPECT_FALSE(parse_refund(without)) << member;
    }
    for (const char* amount : {"30.0", "\"30\"", "3e1", "-30", "99999999999999999999"}) {
        std::string changed = whole;
        changed.replace(changed.find("\"refund\":30") + 9, 2, amount);
        EXPECT_FALSE(parse_refund(changed)) << amount;
    }
}

TEST_F(Refunds, keep_the_rules_of_wechat_pay) {
    EXPECT_EQ(provider_.refund_distance(), std::chrono::seconds{60});
    EXPECT_EQ(provider_.refunds_max(), 50);
}

}  // namespace
}  // namespace doorbuster::wechat_pay
