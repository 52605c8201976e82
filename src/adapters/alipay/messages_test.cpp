#include "adapters/alipay/messages.hpp"

#include <gtest/gtest.h>

#include "adapters/alipay/beijing_time.hpp"
#include "adapters/alipay/bill_text.hpp"
#include "support/payment_vectors.hpp"

namespace doorbuster::alipay {
namespace {

using State = ProviderTrade::State;
using RefundState = ProviderRefund::State;
using test::text_at;

const Time kNow = *from_rfc3339("2026-11-22T02:00:00Z");

ProviderOrder an_order() {
    return {
        .out_trade_no = "SK20261122000001",
        .description = "秒杀商品",
        .amount = Money::fen(8888),
        .expires_at = kNow + std::chrono::minutes{15}};
}

std::string trade_node(const std::string& status, const std::string& rest) {
    return R"({"code":"10000","msg":"Success","out_trade_no":"SK1","trade_status":")" + status +
           '"' + rest + '}';
}
const std::string kPaid = R"(,"trade_no":"42","total_amount":"88.88")";

TEST(BeijingTime, is_written_and_read_without_an_offset) {
    EXPECT_EQ(to_beijing_time(*from_rfc3339("2026-12-31T16:00:00.999Z")), "2027-01-01 00:00:00");
    EXPECT_EQ(from_beijing_time("2026-11-22 10:05:02"), from_rfc3339("2026-11-22T02:05:02Z"));
    EXPECT_EQ(
        from_beijing_time("2015-04-28 15:45:57.320"), from_rfc3339("2015-04-28T07:45:57.320Z")
    );
    for (const char* text :
         {"",
          "2026-11-22",
          "2026-11-22T10:05:02",
          "2026-11-22 10:05:02Z",
          "2026-11-22 10:05:02.3",
          "2026-11-22 10:05:02,320",
          "2026-02-30 10:05:02",
          "2026-11-22 24:00:00",
          "2026-11-22 10:60:00",
          "2026-11-22 10:05:60",
          "2026-11-22 -1:05:00",
          "+026-11-22 10:05:00",
          "1969-12-31 23:59:59"}) {
        EXPECT_FALSE(from_beijing_time(text)) << text;
    }
}

TEST(Messages, a_page_has_exactly_the_documented_fields) {
    EXPECT_EQ(
        page_pay_content(an_order(), kNow),
        R"({"out_trade_no":"SK20261122000001","product_code":"FAST_INSTANT_TRADE_PAY",)"
        R"("total_amount":"88.88","subject":"秒杀商品","time_expire":"2026-11-22 10:15:00",)"
        R"("qr_pay_mode":"2"})"
    );
    ProviderOrder distant = an_order();
    distant.expires_at = kNow + std::chrono::hours{24 * 90};
    EXPECT_NE(
        page_pay_content(distant, kNow).find(R"("time_expire":"2026-12-07 10:00:00")"),
        std::string::npos
    );
}

TEST(Messages, a_title_loses_what_alipay_forbids) {
    EXPECT_EQ(subject_of("a/b=c&d", "no"), "a b c d");
    EXPECT_EQ(subject_of("<b>\"x\"</b>\n\t'y' \\ , z", "no"), "b x b y z");
    EXPECT_EQ(subject_of("秒杀 ✅ 商品（一）", "no"), "秒杀 ✅ 商品（一）");
    EXPECT_EQ(subject_of(" &&& \r\n", "SK1"), "SK1");
    EXPECT_EQ(subject_of("", "SK1"), "SK1");
    std::string title;
    for (int i = 0; i < 100; ++i) title += "秒";
    EXPECT_EQ(subject_of(title, "no").size(), 255u) << "85 characters of three bytes";
}

TEST(Messages, what_can_be_asked_for_is_bounded) {
    EXPECT_TRUE(is_out_trade_no("SK_20261122a"));
    for (const std::string& text :
         {std::string{}, std::string{"a-b"}, std::string{"a b"}, std::string(65, 'a')}) {
        EXPECT_FALSE(is_out_trade_no(text)) << text;
    }
    EXPECT_FALSE(is_payable(Money::fen(0)));
    EXPECT_TRUE(is_payable(Money::fen(1)));
    EXPECT_TRUE(is_payable(Money::fen(10'000'000'000)));
    EXPECT_FALSE(is_payable(Money::fen(10'000'000'001)));
}

TEST(Messages, read_every_status_and_call_the_unknown_unknown) {
    const std::pair<const char*, State> states[] = {
        {"WAIT_BUYER_PAY", State::not_paid},
        {"TRADE_SUCCESS", State::paid},
        {"TRADE_FINISHED", State::paid},
        {"TRADE_CLOSED", State::closed},
        {"trade_success", State::unknown},
        {"NEW_STATUS", State::unknown}};
    for (const auto& [status, state] : states) {
        const auto trade = parse_trade(trade_node(status, kPaid));
        ASSERT_TRUE(trade) << status;
        EXPECT_EQ(trade->state, state) << status;
        EXPECT_EQ(trade->amount, Money::fen(8888));
    }
}

TEST(Messages, a_closed_trade_was_refunded_when_somebody_had_paid) {
    for (const char* rest :
         {R"(,"send_pay_date":"2026-11-22 10:05:02")",
          R"(,"buyer_pay_amount":"88.88")",
          R"(,"receipt_amount":"0.01")"}) {
        EXPECT_EQ(parse_trade(trade_node("TRADE_CLOSED", kPaid + rest))->state, State::refunded)
            << rest;
    }
    const std::string zeros =
        R"(,"buyer_pay_amount":"0.00","receipt_amount":"0","invoice_amount":"0.00")";
    EXPECT_EQ(parse_trade(trade_node("TRADE_CLOSED", kPaid + zeros))->state, State::closed);
}

TEST(Messages, what_was_paid_has_its_proof) {
    for (const char* rest :
         {"",
          R"(,"trade_no":"42")",
          R"(,"total_amount":"88.88")",
          R"(,"trade_no":"","total_amount":"88.88")",
          R"(,"trade_no":42,"total_amount":"88.88")",
          R"(,"trade_no":"42","total_amount":88.88)",
          R"(,"trade_no":"42","total_amount":"-88.88")",
          R"(,"trade_no":"42","total_amount":"88.881")",
          R"(,"trade_no":"42","total_amount":"8.8e1")",
          R"(,"trade_no":"4 2","total_amount":"88.88")"}) {
        EXPECT_FALSE(parse_trade(trade_node("TRADE_SUCCESS", rest))) << rest;
    }
    const auto trade =
        parse_trade(trade_node("TRADE_SUCCESS", kPaid + R"(,"send_pay_date":"2026-11-22 10:05:02")")
        );
    EXPECT_EQ(trade->paid_at, from_rfc3339("2026-11-22T02:05:02Z"));
    EXPECT_EQ(trade->transaction_id, "42");
    EXPECT_EQ(trade->currency, "CNY");
}

TEST(Messages, a_refund_succeeded_only_when_money_moved) {
    const auto state = [](const std::string& rest) {
        return parse_refund(
                   R"({"code":"10000","out_trade_no":"SK1","refund_fee":"0.30")" + rest + "}"
        )
            ->state;
    };
    EXPECT_EQ(state(R"(,"fund_change":"Y")"), RefundState::succeeded);
    EXPECT_EQ(state(R"(,"fund_change":"N")"), RefundState::processing);
    EXPECT_EQ(state(R"(,"fund_change":"y")"), RefundState::processing);
    EXPECT_EQ(state(""), RefundState::processing);
    EXPECT_FALSE(parse_refund(R"({"code":"10000","fund_change":"Y"})"));
    const auto refund = parse_refund(
        R"({"out_trade_no":"SK1","fund_change":"Y","refund_fee":"0.90","gmt_refund_pay":"2026-11-23 09:00:00"})"
    );
    EXPECT_FALSE(refund->amount) << "refund_fee is of all refunds together";
    EXPECT_EQ(refund->succeeded_at, from_rfc3339("2026-11-23T01:00:00Z"));
}

TEST(Messages, a_refund_is_known_by_its_status_alone) {
    const auto refund = parse_refund_query(
        R"({"out_request_no":"RF1","out_trade_no":"SK1","refund_amount":"0.30","refund_status":"REFUND_SUCCESS"})"
    );
    EXPECT_EQ(refund->state, RefundState::succeeded);
    EXPECT_EQ(refund->amount, Money::fen(30));
    const auto state = [](const char* node) { return parse_refund_query(node)->state; };
    EXPECT_EQ(state(R"({"code":"10000"})"), RefundState::not_exist);
    EXPECT_EQ(state(R"({"out_request_no":"RF1","refund_amount":"0.30"})"), RefundState::processing);
    EXPECT_EQ(
        state(R"({"out_request_no":"RF1","refund_status":"REFUND_NEWS"})"), RefundState::unknown
    );
    EXPECT_FALSE(parse_refund_query(R"({"out_request_no":"RF1","refund_status":"REFUND_SUCCESS"})")
    );
    EXPECT_FALSE(parse_refund_query(R"({"refund_amount":"0.30","refund_status":"REFUND_SUCCESS"})")
    );
}

TEST(Messages, foreign_bytes_are_refused_by_every_reader) {
    for (const std::string& node :
         {std::string{},
          std::string{"{"},
          std::string{"[]"},
          std::string{"null"},
          std::string{
              R"({"out_trade_no":"SK1","out_trade_no":"SK2","trade_status":"TRADE_SUCCESS"})"},
          std::string(100'000, '[')}) {
        EXPECT_FALSE(parse_trade(node));
        EXPECT_FALSE(parse_closed(node));
        EXPECT_FALSE(parse_refund(node));
        EXPECT_FALSE(parse_refund_query(node));
        EXPECT_FALSE(parse_bill_address(node));
        EXPECT_FALSE(parse_certificate_content(node));
        EXPECT_EQ(parse_result(node).code, "");
    }
}

TEST(Amounts, of_the_vectors_are_read_with_and_without_a_sign) {
    for (const auto& a_case : test::payment_vectors("amounts").at("parse").as_array()) {
        const auto& fen = a_case.as_object().at("fen");
        const std::string yuan = text_at(a_case, "yuan");
        if (yuan.starts_with('-') || yuan.starts_with('+')) continue;  // bills alone have signs
        const auto wanted =
            fen.is_null() ? std::nullopt : std::optional{Money::fen(fen.as_int64())};
        EXPECT_EQ(signed_yuan(yuan), wanted) << yuan;
        const auto negative = wanted ? std::optional{Money{} - *wanted} : std::nullopt;
        EXPECT_EQ(signed_yuan("-" + yuan), negative) << yuan;
    }
    for (const char* text : {"", "-", "+", "--1", "-+1", "1-", " 1", "-1,0"}) {
        EXPECT_FALSE(signed_yuan(text)) << text;
    }
}

}  // namespace
}  // namespace doorbuster::alipay
