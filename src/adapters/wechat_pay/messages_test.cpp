#include "adapters/wechat_pay/messages.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "support/payment_vectors.hpp"

namespace doorbuster::wechat_pay {
namespace {

using State = ProviderTrade::State;

ProviderOrder an_order() {
    return {
        .out_trade_no = "SK20261122000001",
        .description = "Image形象店",
        .amount = Money::fen(100),
        .expires_at = *from_rfc3339("2026-11-22T03:00:00.999Z")};
}

std::string transaction(const std::string& state, const std::string& rest) {
    return R"({"appid":"wx1","mchid":"19","out_trade_no":"SK2026","trade_state":")" + state + '"' +
           rest + '}';
}
const std::string kPaid =
    R"(,"transaction_id":"42","success_time":"2026-11-22T10:34:55+08:00","amount":{"total":100,"payer_total":60,"currency":"CNY"})";

TEST(Messages, a_create_request_has_exactly_the_documented_fields) {
    const ProviderOrder order = an_order();
    EXPECT_EQ(
        create_body({"wx1", "19", "https://shop.test/n", order}),
        R"({"appid":"wx1","mchid":"19","description":"Image形象店","out_trade_no":"SK20261122000001",)"
        R"("time_expire":"2026-11-22T11:00:00+08:00","notify_url":"https://shop.test/n",)"
        R"("amount":{"total":100,"currency":"CNY"}})"
    );
}

TEST(Messages, a_description_is_cut_to_127_bytes_between_characters) {
    ProviderOrder order = an_order();
    order.description.clear();
    for (int i = 0; i < 60; ++i) order.description += "秒";
    const std::string body = create_body({"wx1", "19", "https://shop.test/n", order});
    std::string kept;
    for (int i = 0; i < 42; ++i) kept += "秒";  // 126 bytes
    EXPECT_NE(body.find("\"description\":\"" + kept + "\""), std::string::npos);
}

TEST(Messages, reads_every_state_and_calls_the_unknown_unknown) {
    const std::pair<const char*, State> states[] = {
        {"NOTPAY", State::not_paid},
        {"PAYERROR", State::not_paid},
        {"SUCCESS", State::paid},
        {"REFUND", State::refunded},
        {"CLOSED", State::closed},
        {"USERPAYING", State::unknown},
        {"REVOKED", State::unknown},
        {"ACCEPT", State::unknown},
        {"success", State::unknown},
        {"NEW_STATE", State::unknown}};
    for (const auto& [name, state] : states) {
        const auto trade = parse_transaction(transaction(name, kPaid));
        ASSERT_TRUE(trade) << name;
        EXPECT_EQ(trade->state, state) << name;
    }
}

TEST(Messages, a_paid_trade_tells_the_order_amount_not_what_the_payer_paid) {
    const auto trade = parse_transaction(transaction("SUCCESS", kPaid));
    ASSERT_TRUE(trade);
    EXPECT_EQ(trade->amount, Money::fen(100));
    EXPECT_EQ(trade->currency, "CNY");
    EXPECT_EQ(trade->transaction_id, "42");
    EXPECT_EQ(trade->merchant, "19");
    EXPECT_EQ(trade->seller, "wx1");
    EXPECT_EQ(trade->paid_at, from_rfc3339("2026-11-22T02:34:55Z"));
}

TEST(Messages, a_paid_trade_without_its_proof_is_refused) {
    for (const char* rest :
         {"",
          R"(,"transaction_id":"42")",
          R"(,"amount":{"total":100,"currency":"CNY"})",
          R"(,"transaction_id":"42","amount":{"currency":"CNY"})",
          R"(,"transaction_id":"42","amount":{"total":100})",
          R"(,"transaction_id":"","amount":{"total":100,"currency":"CNY"})",
          R"(,"transaction_id":42,"amount":{"total":100,"currency":"CNY"})",
          R"(,"transaction_id":"4 2","amount":{"total":100,"currency":"CNY"})"}) {
        EXPECT_FALSE(parse_transaction(transaction("SUCCESS", rest))) << rest;
    }
}

TEST(Messages, an_amount_must_be_written_as_an_integer_of_64_bits) {
    for (const char* total :
         {"100.0",
          "1e2",
          "\"100\"",
          "9223372036854775808",
          "-1",
          "null",
          "true",
          "[100]",
          "1E2",
          "18446744073709551616",
          "01",
          "+1"}) {
        const std::string rest =
            std::string{R"(,"transaction_id":"42","amount":{"currency":"CNY","total":)"} + total +
            "}";
        EXPECT_FALSE(parse_transaction(transaction("SUCCESS", rest))) << total;
    }
}

TEST(Messages, members_named_twice_are_refused_however_they_are_written) {
    EXPECT_FALSE(parse_transaction(transaction("NOTPAY", R"(,"trade_state":"SUCCESS")")));
    EXPECT_FALSE(parse_transaction(transaction("NOTPAY", R"(,"trade\u005fstate":"SUCCESS")")));
    EXPECT_FALSE(parse_transaction(transaction("NOTPAY", R"(,"deep":[{"a":1,"a":1}])")));
    EXPECT_TRUE(parse_transaction(transaction("NOTPAY", R"(,"deep":[{"a":1},{"a":1}],"a":{})")));
}

TEST(Messages, deep_broken_and_foreign_bytes_are_refused_by_every_reader) {
    const std::string deep = std::string(100'000, '[');
    const std::string inputs[] = {
        "",
        " ",
        "{",
        "}",
        "[]",
        "null",
        "1",
        "\"\"",
        "{}",
        deep,
        "{\"a\":" + deep,
        transaction("NOTPAY", "") + "x",
        transaction("NOTPAY", ",\"x\":\"\xff\""),
        transaction("NOTPAY\\u0000", ""),
        std::string{"\0", 1},
        "\xef\xbb\xbf{}",
        std::string(kMessageBytesMax + 1, ' ')};
    for (const std::string& input : inputs) {
        EXPECT_FALSE(parse_transaction(input)) << input.substr(0, 80);
        EXPECT_FALSE(parse_notification(input)) << input.substr(0, 80);
        EXPECT_FALSE(parse_code_url(input)) << input.substr(0, 80);
        EXPECT_EQ(parse_failure(input).code, "") << input.substr(0, 80);
    }
}

TEST(Messages, both_spellings_of_a_code_are_one) {
    EXPECT_EQ(parse_failure(R"({"code":"ORDER_NOT_EXIST","message":"m"})").code, "ORDERNOTEXIST");
    EXPECT_EQ(parse_failure(R"({"code":"ORDERNOTEXIST"})").code, "ORDERNOTEXIST");
    EXPECT_EQ(parse_failure(R"({"code":"order_paid","detail":[1]})").code, "ORDERPAID");
    EXPECT_EQ(
        parse_failure(R"({"code":"ORDER_PAID","message":"订单已支付"})").message, "订单已支付"
    );
}

TEST(Messages, times_are_written_in_beijing) {
    EXPECT_EQ(to_beijing_time(*from_rfc3339("2026-12-31T16:00:00Z")), "2027-01-01T00:00:00+08:00");
    EXPECT_EQ(
        to_beijing_time(*from_rfc3339("2024-02-29T15:59:59.999Z")), "2024-02-29T23:59:59+08:00"
    );
}

TEST(Messages, an_out_trade_no_has_6_to_32_of_its_characters) {
    EXPECT_TRUE(is_out_trade_no("SK_20261122-0001|a*"));
    for (const char* text :
         {"", "12345", "123456789012345678901234567890123", "12345 ", "12345/", "订单订单"}) {
        EXPECT_FALSE(is_out_trade_no(text)) << text;
    }
}

TEST(Amounts, of_the_vectors_are_read_and_written_exactly) {
    const auto& file = test::payment_vectors("amounts");
    for (const auto& a_case : file.at("parse").as_array()) {
        const auto& fen = a_case.as_object().at("fen");
        const auto wanted =
            fen.is_null() ? std::nullopt : std::optional{Money::fen(fen.as_int64())};
        const std::string yuan = test::text_at(a_case, "yuan");
        EXPECT_EQ(Money::from_yuan(yuan), wanted) << yuan;
    }
    for (const auto& a_case : file.at("format").as_array()) {
        const auto fen = a_case.as_object().at("fen").as_int64();
        EXPECT_EQ(Money::fen(fen).to_yuan(), test::text_at(a_case, "yuan"));
    }
}

}  // namespace
}  // namespace doorbuster::wechat_pay
