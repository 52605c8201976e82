#include "adapters/wechat_pay/provider.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/pay_wire/base64.hpp"
#include "support/run_task.hpp"
#include "support/wechat_pay_answers.hpp"

namespace doorbuster::wechat_pay {
namespace {

using pay_wire::to_base64;

using State = ProviderTrade::State;
using test::error_json;
using test::text_at;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto kNumber = "SK20261122000001";
const Time kNow = test::AnsweredByWechatPay::start();

ProviderOrder an_order() {
    return {
        .out_trade_no = kNumber,
        .description = "演示订单",
        .amount = Money::fen(100),
        .expires_at = kNow + std::chrono::minutes{30}};
}

std::string trade_json(const std::string& state, const std::string& number = kNumber) {
    return R"({"appid":"wxd678efh567hg6787","mchid":"1900000001","out_trade_no":")" + number +
           R"(","trade_state":")" + state +
           R"(","transaction_id":"42","success_time":"2026-11-22T10:34:55+08:00",)"
           R"("amount":{"total":100,"payer_total":100,"currency":"CNY"}})";
}

class Provider : public test::AnsweredByWechatPay {
protected:
    auto create() { return test::run(provider_.create(order_)); }
    auto query() { return test::run(provider_.query(number_)); }
    auto close() { return test::run(provider_.close(number_)); }

    const ProviderOrder order_ = an_order();
    const std::string number_ = kNumber;
};

TEST_F(Provider, creates_an_order_and_brings_its_code) {
    answer(200, R"({"code_url":"weixin://wxpay/bizpayurl?pr=abc"})");
    const auto outcome = create();
    ASSERT_TRUE(outcome.value);
    EXPECT_EQ(*outcome.value, "weixin://wxpay/bizpayurl?pr=abc");
    const OutboundRequest sent = http_.requests().at(0);
    EXPECT_EQ(sent.method, "POST");
    EXPECT_EQ(sent.url, "https://wechat.test/v3/pay/transactions/native");
    EXPECT_THAT(sent.body, HasSubstr(R"("time_expire":"2026-11-22T11:00:00+08:00")"));
    EXPECT_FALSE(sent.public_addresses_only);
}

TEST_F(Provider, signs_what_it_sends_and_never_uses_a_nonce_twice) {
    answer(200, trade_json("NOTPAY"));
    query();
    query();
    const auto requests = http_.requests();
    const auto header = [](const OutboundRequest& request, std::string_view name) {
        for (const auto& [key, value] : request.headers) {
            if (key == name) return value;
        }
        return std::string{};
    };
    const std::string authorization = header(requests[0], "Authorization");
    EXPECT_THAT(
        authorization, StartsWith(R"(WECHATPAY2-SHA256-RSA2048 mchid="1900000001",nonce_str=")")
    );
    EXPECT_THAT(authorization, HasSubstr(R"(timestamp="1795314600")"));
    EXPECT_NE(authorization, header(requests[1], "Authorization"));
    EXPECT_THAT(header(requests[0], "Wechatpay-Serial"), StartsWith("PUB_KEY_ID_"));
    EXPECT_EQ(header(requests[0], "Accept"), "application/json");
    EXPECT_EQ(header(requests[0], "Content-Type"), "") << "a GET has no body";
}

TEST_F(Provider, asks_for_a_number_in_percent_encoding) {
    answer(200, trade_json("NOTPAY", "SK_2026-1|a*"));
    const std::string number = "SK_2026-1|a*";
    ASSERT_TRUE(test::run(provider_.query(number)).value);
    EXPECT_EQ(
        http_.requests().at(0).url,
        "https://wechat.test/v3/pay/transactions/out-trade-no/SK_2026-1%7Ca*?mchid=1900000001"
    );
}

TEST_F(Provider, asks_nothing_about_a_number_that_cannot_be) {
    const std::string number = "../../evil";
    const auto outcome = test::run(provider_.query(number));
    EXPECT_FALSE(outcome.value);
    EXPECT_TRUE(http_.requests().empty());
}

TEST_F(Provider, believes_states_that_are_signed) {
    const std::pair<const char*, State> states[] = {
        {"NOTPAY", State::not_paid},
        {"SUCCESS", State::paid},
        {"CLOSED", State::closed},
        {"REFUND", State::refunded},
        {"USERPAYING", State::unknown}};
    for (const auto& [name, state] : states) {
        answer(200, trade_json(name));
        const auto outcome = query();
        ASSERT_TRUE(outcome.value) << name;
        EXPECT_EQ(outcome.value->state, state) << name;
    }
}

TEST_F(Provider, believes_nothing_that_is_not_signed_by_wechat_pay) {
    for (const Signed how : {Signed::no, Signed::by_stranger}) {
        answer(200, trade_json("SUCCESS"), how);
        EXPECT_FALSE(query().value);
        EXPECT_EQ(query().refused.code, "UNVERIFIED");
        answer(404, error_json("ORDER_NOT_EXIST"), how);
        EXPECT_FALSE(query().value);
        answer(200, R"({"code_url":"weixin://evil"})", how);
        EXPECT_FALSE(create().value);
        EXPECT_FALSE(create().refused.final_answer);
        answer(400, error_json("PARAM_ERROR"), how);
        EXPECT_FALSE(create().refused.final_answer);
        answer(204, "", how);
        EXPECT_FALSE(close().value);
        answer(400, error_json("ORDER_PAID"), how);
        EXPECT_FALSE(close().value);
    }
}

TEST_F(Provider, believes_no_answer_whose_body_was_changed_on_the_way) {
    const std::string honest = trade_json("NOTPAY");
    answers_ = [&](const OutboundRequest&) {
        OutboundResponse response{.status = 200, .body = honest};
        sign(response, Signed::yes);
        response.body = trade_json("SUCCESS");
        return response;
    };
    EXPECT_FALSE(query().value);
}

TEST_F(Provider, believes_no_signed_answer_about_another_trade) {
    answer(200, trade_json("SUCCESS", "SK20261122000002"));
    const auto outcome = query();
    EXPECT_FALSE(outcome.value);
    EXPECT_FALSE(outcome.refused.final_answer);
}

TEST_F(Provider, knows_a_missing_order_by_a_signed_404_only) {
    for (const char* code : {"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS"}) {
        answer(404, error_json(code));
        const auto outcome = query();
        ASSERT_TRUE(outcome.value) << code;
        EXPECT_EQ(outcome.value->state, State::not_exist);
        EXPECT_EQ(outcome.value->out_trade_no, kNumber);
    }
    answer(400, error_json("ORDER_NOT_EXIST"));
    EXPECT_FALSE(query().value);
    answer(404, error_json("SOMETHING_ELSE"));
    EXPECT_FALSE(query().value);
    answer(404, "not found");
    EXPECT_FALSE(query().value);
}

TEST_F(Provider, a_refused_create_is_final_for_the_codes_that_cannot_change) {
    for (const char* code :
         {"PARAM_ERROR",
          "NO_AUTH",
          "NOAUTH",
          "ORDER_CLOSED",
          "RULE_LIMIT",
          "APPID_MCHID_NOT_MATCH",
          "MCH_NOT_EXISTS",
          "ACCOUNT_ERROR"}) {
        answer(400, error_json(code));
        EXPECT_TRUE(create().refused.final_answer) << code;
    }
    for (const char* code :
         {"INVALID_REQUEST",
          "OUT_TRADE_NO_USED",
          "ORDER_PAID",
          "SIGN_ERROR",
          "FREQUENCY_LIMITED",
          "SYSTEM_ERROR",
          "NEW_CODE",
          ""}) {
        answer(400, error_json(code));
        EXPECT_FALSE(create().refused.final_answer) << code;
    }
    answer(500, error_json("PARAM_ERROR"));
    EXPECT_FALSE(create().refused.final_answer) << "5xx is WeChat Pay's own trouble";
}

TEST_F(Provider, a_close_is_accepted_also_when_it_was_closed_before) {
    answer(204, "");
    EXPECT_EQ(close().value, true);
    EXPECT_EQ(http_.requests().at(0).body, R"({"mchid":"1900000001"})");
    answer(400, error_json("ORDER_CLOSED"));
    EXPECT_EQ(close().value, true);
    answer(202, "{}");
    EXPECT_FALSE(close().value) << "accepted is not done";
}

TEST_F(Provider, a_close_of_a_paid_order_says_so_in_either_spelling) {
    for (const char* code : {"ORDER_PAID", "ORDERPAID"}) {
        answer(400, error_json(code));
        EXPECT_EQ(close().value, false) << code;
    }
}

TEST_F(Provider, silence_and_trouble_leave_everything_unknown) {
    for (const bool sent : {true, false}) {
        fail(sent);
        EXPECT_FALSE(query().value);
        EXPECT_FALSE(close().value);
        EXPECT_FALSE(create().value);
        EXPECT_FALSE(create().refused.final_answer);
    }
    for (const int status : {500, 502, 503, 429, 202, 301}) {
        answer(status, error_json("SYSTEM_ERROR"));
        EXPECT_FALSE(query().value) << status;
        EXPECT_FALSE(close().value) << status;
        EXPECT_FALSE(create().value) << status;
        EXPECT_FALSE(create().refused.final_answer) << status;
    }
    for (const char* body : {"", "x", "{}", "[]", R"({"code_url":1})", R"({"code_url":""})"}) {
        answer(200, body);
        EXPECT_FALSE(query().value) << body;
        EXPECT_FALSE(create().value) << body;
    }
}

TEST_F(Provider, turns_to_the_backup_host_only_when_nothing_was_sent) {
    Config config = test::wechat_config();
    config.backup_url = "https://backup.test";
    WechatPay provider{config, http_, clock_, random_};
    const auto hosts_asked = [&](bool sent) {
        const auto before = http_.requests().size();
        fail(sent);
        static_cast<void>(test::run(provider.query(number_)));
        std::vector<std::string> urls;
        for (const auto& request : http_.requests()) urls.push_back(request.url.substr(8, 6));
        return std::vector<std::string>(urls.begin() + static_cast<long>(before), urls.end());
    };
    EXPECT_EQ(hosts_asked(true), std::vector<std::string>{"wechat"});
    EXPECT_EQ(hosts_asked(false), (std::vector<std::string>{"wechat", "backup"}));
    const auto requests = http_.requests();
    EXPECT_EQ(requests[1].headers, requests[2].headers) << "the signed request goes unchanged";
}

TEST_F(Provider, signs_the_path_of_its_base_url_too) {
    Config config = test::wechat_config();
    config.base_url = "http://127.0.0.1:8080/sandbox/wechat_pay/";
    WechatPay provider{config, http_, clock_, random_};
    answer(200, trade_json("NOTPAY"));
    ASSERT_TRUE(test::run(provider.query(number_)).value);
    EXPECT_THAT(
        http_.requests().at(0).url,
        StartsWith("http://127.0.0.1:8080/sandbox/wechat_pay/v3/pay/transactions/")
    );
}

TEST_F(Provider, strangers_serials_do_not_make_it_ask_for_certificates_all_the_time) {
    const auto& forged = test::payment_cases("wechat-verify").at(17);
    ASSERT_EQ(text_at(forged, "name"), "unknown serial");
    answer(404, error_json("RESOURCE_NOT_EXISTS"));
    std::string reason;
    for (int i = 0; i < 10; ++i) {
        EXPECT_FALSE(provider_.verify_notification(
            test::headers_of(forged), text_at(forged, "body"), test::now_of(forged), reason
        ));
        query();
    }
    EXPECT_EQ(http_.requests().size(), 11u);
}

TEST_F(Provider, measures_how_far_the_clock_is_off) {
    answers_ = [](const OutboundRequest&) {
        OutboundResponse response{.status = 500};
        response.headers = {{"Date", "Sun, 22 Nov 2026 02:28:00 GMT"}};
        return response;
    };
    query();
    EXPECT_EQ(provider_.clock_skew(), std::chrono::seconds{120});
}

}  // namespace
}  // namespace doorbuster::wechat_pay
