#include "adapters/alipay/provider.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "adapters/alipay/signer.hpp"
#include "support/alipay_fixture.hpp"
#include "support/alipay_world.hpp"

namespace doorbuster::alipay {
namespace {

using State = ProviderTrade::State;
using test::AlipayWorld;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto kQuery = "alipay_trade_query_response";
constexpr auto kClose = "alipay_trade_close_response";
const std::string kNumber = "SK20261122000001";

std::string trade(const std::string& status, const std::string& number = kNumber) {
    return R"({"code":"10000","msg":"Success","out_trade_no":")" + number +
           R"(","trade_no":"42","total_amount":"88.88","trade_status":")" + status + "\"}";
}

class Provider : public AlipayWorld {
protected:
    ProviderOrder order() const {
        return {
            .out_trade_no = kNumber,
            .description = "秒杀 <商品> & \"more\"",
            .amount = Money::fen(8888),
            .expires_at = clock_.now() + std::chrono::minutes{15}};
    }
    auto query() { return test::run(provider_.query(kNumber)); }
    auto close() { return test::run(provider_.close(kNumber)); }
};

TEST_F(Provider, has_a_page_that_the_browser_sends) {
    const auto form = provider_.pay_form(order(), clock_.now());
    ASSERT_TRUE(form);
    EXPECT_THAT(form->action, StartsWith("https://gateway.alipay.test/gateway.do?"));
    EXPECT_THAT(form->action, HasSubstr("charset=utf-8"));
    ASSERT_EQ(form->fields.size(), 1u);
    EXPECT_EQ(form->fields[0].first, "biz_content");
    const auto content = boost::json::parse(form->fields[0].second);
    EXPECT_EQ(test::text_at(content, "subject"), "秒杀 商品 more");
    EXPECT_EQ(test::text_at(content, "time_expire"), "2026-11-22 10:15:00");

    Params params = parse_form(form->action.substr(form->action.find('?') + 1)).value();
    params.insert(form->fields.begin(), form->fields.end());
    EXPECT_EQ(parse_form(form->address.substr(form->address.find('?') + 1)), params);
    EXPECT_EQ(params.at("method"), "alipay.trade.page.pay");
    EXPECT_EQ(params.at("notify_url"), test::alipay_config().notify_url);
    EXPECT_EQ(params.at("return_url"), test::alipay_config().return_url);
    EXPECT_EQ(params.at("timestamp"), "2026-11-22 10:00:00");
    Params again = params;
    Signer{test::alipay_private_key("app")}.sign(again);
    EXPECT_EQ(again, params) << "all of it is signed";
    EXPECT_TRUE(http_.requests().empty()) << "no call is made";
}

TEST_F(Provider, may_have_its_page_elsewhere_than_its_calls) {
    Config config = test::alipay_config();
    config.page_url = "https://shop.test/sandbox/alipay/gateway.do";
    Alipay provider{config, http_, clock_};
    const auto form = provider.pay_form(order(), clock_.now());
    EXPECT_THAT(form->action, StartsWith("https://shop.test/sandbox/alipay/gateway.do?"));
    EXPECT_THAT(form->address, StartsWith("https://shop.test/sandbox/alipay/gateway.do?"));
    answer(kQuery, trade("WAIT_BUYER_PAY"));
    query();
    EXPECT_THAT(http_.requests().at(0).url, StartsWith("https://gateway.alipay.test/"));
}

TEST_F(Provider, has_a_page_only_while_a_minute_is_left) {
    ProviderOrder last = order();
    last.expires_at = clock_.now() + std::chrono::seconds{60};
    EXPECT_TRUE(provider_.pay_form(last, clock_.now()));
    last.expires_at -= Milliseconds{1};
    EXPECT_FALSE(provider_.pay_form(last, clock_.now()));
    const auto outcome = test::run(provider_.create(last));
    EXPECT_FALSE(outcome.value);
    EXPECT_TRUE(outcome.refused.final_answer);
}

TEST_F(Provider, creates_without_a_call_and_refuses_what_alipay_never_takes) {
    ProviderOrder asked = order();
    EXPECT_EQ(test::run(provider_.create(asked)).value, "");
    asked.out_trade_no = "no-hyphens";
    EXPECT_TRUE(test::run(provider_.create(asked)).refused.final_answer);
    asked = order();
    asked.amount = Money{};
    EXPECT_TRUE(test::run(provider_.create(asked)).refused.final_answer);
    EXPECT_TRUE(http_.requests().empty());
}

TEST_F(Provider, asks_with_the_charset_in_the_address_and_signs_everything) {
    answer(kQuery, trade("WAIT_BUYER_PAY"));
    query();
    const OutboundRequest sent = http_.requests().at(0);
    EXPECT_EQ(sent.method, "POST");
    EXPECT_THAT(sent.url, StartsWith("https://gateway.alipay.test/gateway.do?"));
    Params params = parse_form(sent.url.substr(sent.url.find('?') + 1)).value();
    EXPECT_EQ(params.at("charset"), "utf-8");
    EXPECT_FALSE(params.contains("app_cert_sn"));
    EXPECT_FALSE(params.contains("notify_url"));
    const Params body = parse_form(sent.body).value();
    EXPECT_EQ(body.at("biz_content"), R"({"out_trade_no":"SK20261122000001"})");
    EXPECT_EQ(body.size(), 1u);
    params.insert(body.begin(), body.end());
    Params again = params;
    Signer{test::alipay_private_key("app")}.sign(again);
    EXPECT_EQ(again, params);
    EXPECT_FALSE(sent.public_addresses_only);
}

TEST_F(Provider, names_its_certificates_in_certificate_mode) {
    Alipay provider{test::alipay_certificate_config(), http_, clock_};
    answer(kQuery, trade("WAIT_BUYER_PAY"));
    EXPECT_TRUE(test::run(provider.query(kNumber)).value);
    const std::string url = http_.requests().at(0).url;
    const Params params = parse_form(url.substr(url.find('?') + 1)).value();
    const auto& sns = test::payment_vectors("alipay-cert-sn");
    EXPECT_EQ(params.at("app_cert_sn"), test::text_at(sns, "app_cert_sn"));
    EXPECT_EQ(params.at("alipay_root_cert_sn"), test::text_at(sns, "alipay_root_cert_sn"));
}

TEST_F(Provider, believes_states_that_are_signed) {
    const std::pair<const char*, State> states[] = {
        {"WAIT_BUYER_PAY", State::not_paid},
        {"TRADE_SUCCESS", State::paid},
        {"TRADE_FINISHED", State::paid},
        {"TRADE_CLOSED", State::closed},
        {"SOMETHING_NEW", State::unknown}};
    for (const auto& [status, state] : states) {
        answer(kQuery, trade(status));
        const auto outcome = query();
        ASSERT_TRUE(outcome.value) << status;
        EXPECT_EQ(outcome.value->state, state) << status;
        EXPECT_EQ(outcome.value->merchant, provider_.merchant());
        EXPECT_EQ(outcome.value->seller, provider_.seller());
    }
}

TEST_F(Provider, believes_nothing_that_alipay_did_not_sign) {
    for (const char* whose : {"stranger", "app", ""}) {
        answer(kQuery, trade("TRADE_SUCCESS"), whose);
        EXPECT_FALSE(query().value) << whose;
        EXPECT_EQ(query().refused.code, "UNVERIFIED");
        answer(kQuery, failure("ACQ.TRADE_NOT_EXIST"), whose);
        EXPECT_FALSE(query().value) << whose;
        answer("error_response", failure("ACQ.TRADE_NOT_EXIST"), whose);
        EXPECT_FALSE(query().value) << whose;
        answer(kClose, trade("TRADE_CLOSED"), whose);
        EXPECT_FALSE(close().value) << whose;
        answer(kClose, failure("ACQ.TRADE_STATUS_ERROR"), whose);
        EXPECT_FALSE(close().value) << whose;
        EXPECT_FALSE(close().refused.final_answer);
    }
}

TEST_F(Provider, believes_no_signed_answer_to_another_question) {
    answer(kQuery, trade("TRADE_SUCCESS", "SK20261122000002"));
    EXPECT_FALSE(query().value);
    answer("alipay_trade_refund_response", trade("TRADE_SUCCESS"));
    EXPECT_FALSE(query().value);
    answer(kClose, trade("TRADE_CLOSED", "SK20261122000002"));
    EXPECT_FALSE(close().value);
}

TEST_F(Provider, knows_nothing_when_the_gateway_does_not_answer) {
    fail(true);
    EXPECT_EQ(query().refused.code, "NO_ANSWER");
    answer_status(502, "<html>502 Bad Gateway</html>");
    EXPECT_FALSE(query().value);
    answer_status(500, test::alipay_answer(kQuery, trade("TRADE_SUCCESS")));
    EXPECT_FALSE(query().value) << "the gateway speaks with status 200";
    answer(kQuery, R"({"code":"20000","msg":"Service Currently Unavailable"})");
    EXPECT_EQ(query().refused.code, "20000");
    answer(kQuery, failure("ACQ.SYSTEM_ERROR"));
    EXPECT_EQ(query().refused.code, "ACQ.SYSTEM_ERROR");
    EXPECT_FALSE(query().refused.final_answer);
    answer(kQuery, R"({"code":"10000"})");
    EXPECT_EQ(query().refused.code, "UNREADABLE");
}

TEST_F(Provider, says_of_a_trade_that_nobody_opened_that_it_does_not_exist_and_no_more) {
    answer(kQuery, failure("ACQ.TRADE_NOT_EXIST"));
    const auto outcome = query();
    ASSERT_TRUE(outcome.value);
    EXPECT_EQ(outcome.value->state, State::not_exist);
    EXPECT_EQ(outcome.value->out_trade_no, kNumber);
    answer(kClose, failure("ACQ.TRADE_NOT_EXIST"));
    EXPECT_FALSE(close().value) << "its page can still be opened and paid";
    EXPECT_FALSE(close().refused.final_answer);
}

TEST_F(Provider, closes_what_is_unpaid_and_says_so_of_the_rest) {
    answer(kClose, R"({"code":"10000","out_trade_no":"SK20261122000001","trade_no":"42"})");
    EXPECT_EQ(close().value, true);
    for (const char* code :
         {"ACQ.TRADE_STATUS_ERROR",
          "ACQ.REASON_TRADE_STATUS_INVALID",
          "ACQ.REASON_ILLEGAL_STATUS"}) {
        answer(kClose, failure(code));
        EXPECT_EQ(close().value, false) << code;
    }
    answer(kClose, failure("ACQ.SYSTEM_ERROR"));
    EXPECT_FALSE(close().value);
}

TEST_F(Provider, asks_nothing_about_a_number_that_cannot_be) {
    const std::string number = "../../evil";
    EXPECT_FALSE(test::run(provider_.query(number)).value);
    EXPECT_FALSE(test::run(provider_.close(number)).value);
    EXPECT_TRUE(http_.requests().empty());
}

TEST_F(Provider, knows_how_far_its_clock_is_off) {
    date_ = "Sun, 22 Nov 2026 01:58:00 GMT";
    answer(kQuery, trade("WAIT_BUYER_PAY"));
    query();
    EXPECT_EQ(provider_.clock_skew(), std::chrono::seconds{120});
}

}  // namespace
}  // namespace doorbuster::alipay
