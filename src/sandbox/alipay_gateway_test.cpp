#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sandbox_merchants.hpp"

namespace doorbuster::sandbox {
namespace {

using test::AlipayMerchant;
using test::NotifyRoute;
using test::SandboxWorld;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr auto kNumber = R"({"out_trade_no":"SK1"})";

class Alipay : public testing::Test {
protected:
    std::string state(const std::string& number = "SK1") {
        const std::string node =
            merchant_.node("alipay.trade.query", R"({"out_trade_no":")" + number + "\"}");
        const auto value = boost::json::parse(node);
        const auto* code = value.as_object().if_contains("sub_code");
        return (code ? *code : value.at("trade_status")).as_string().c_str();
    }
    std::string sub_code(const test::Reply& reply, const std::string& node) {
        const std::string pointer = "/" + node + "/sub_code";
        return reply.has(pointer) ? reply.text(pointer) : "";
    }

    SandboxWorld world_;
    AlipayMerchant merchant_{world_};
};

TEST_F(Alipay, creates_a_trade_when_a_buyer_logs_in_and_not_before) {
    const std::string page = merchant_.page("SK1", "88.88");
    ASSERT_THAT(page, StartsWith("/sandbox/alipay/cashier?page="));
    EXPECT_EQ(state(), "ACQ.TRADE_NOT_EXIST");
    EXPECT_EQ(merchant_.scan(page, R"(,"pay":false)").status, 200);
    EXPECT_EQ(state(), "WAIT_BUYER_PAY");
    const auto paid = merchant_.scan(page);
    EXPECT_EQ(paid.text("/data/trade_status"), "TRADE_SUCCESS");
    EXPECT_EQ(state(), "TRADE_SUCCESS");
    EXPECT_EQ(merchant_.scan(page).error(), "sandbox_already_paid");
    EXPECT_THAT(merchant_.page("SK1", "88.88"), "");
    EXPECT_THAT(merchant_.refused.body, HasSubstr("ACQ.TRADE_HAS_SUCCESS"));
}

TEST_F(Alipay, keeps_a_trade_for_the_buyer_who_opened_it_and_for_its_terms) {
    const std::string page = merchant_.page("SK1", "88.88");
    merchant_.scan(page, R"(,"pay":false,"buyer":"ann")");
    EXPECT_EQ(merchant_.scan(page, R"(,"buyer":"bob")").error(), "sandbox_other_buyer");
    EXPECT_EQ(merchant_.page("SK1", "88.89"), "");
    EXPECT_THAT(merchant_.refused.body, HasSubstr("ACQ.CONTEXT_INCONSISTENT"));
    EXPECT_EQ(merchant_.scan(merchant_.page("SK1", "88.88"), R"(,"buyer":"ann")").status, 200);
}

TEST_F(Alipay, signs_what_it_answers_in_either_key_mode) {
    merchant_.scan(merchant_.page("SK1", "1.00"));
    const std::string node = merchant_.node("alipay.trade.query", kNumber);
    const auto plain = merchant_.call("alipay.trade.query", kNumber);
    EXPECT_TRUE(test::shared_identity().alipay.alipay_key.verify(node, plain.text("/sign")));
    merchant_.certified = true;
    const auto certified = merchant_.call("alipay.trade.query", kNumber);
    const auto current = test::shared_identity().alipay.signing_keys->current();
    EXPECT_EQ(certified.text("/alipay_cert_sn"), current.certificate.alipay_sn);
    EXPECT_TRUE(current.key.verify(node, certified.text("/sign")));
}

TEST_F(Alipay, gives_out_certificates_that_it_has_changed_to) {
    world_.sandbox.rotate_key("alipay");
    merchant_.certified = true;
    const auto answer = merchant_.call("alipay.trade.query", kNumber);
    const std::string sn = answer.text("/alipay_cert_sn");
    const auto download = merchant_.call(
        "alipay.open.app.alipaycert.download", R"({"alipay_cert_sn":")" + sn + "\"}"
    );
    const auto current = test::shared_identity().alipay.signing_keys->current();
    EXPECT_EQ(
        download.text("/alipay_open_app_alipaycert_download_response/alipay_cert_content"),
        to_base64(current.certificate.pem)
    );
}

TEST_F(Alipay, refuses_what_is_not_signed_by_the_application) {
    const auto refusal = [&](AlipayMerchant::Params params) {
        const auto reply = merchant_.send(params);
        EXPECT_FALSE(reply.has("/sign"));
        return sub_code(reply, "error_response");
    };
    const auto good = merchant_.signed_by_app(merchant_.params("alipay.trade.query", kNumber));
    for (const char* name : {"app_id", "method", "sign", "sign_type", "timestamp", "version"}) {
        auto params = good;
        params.erase(name);
        EXPECT_THAT(refusal(params), StartsWith("isv.missing-")) << name;
    }
    const std::pair<const char*, const char*> changes[] = {
        {"biz_content", "isv.invalid-signature"},
        {"sign", "isv.invalid-signature"},
        {"app_id", "isv.invalid-app-id"},
        {"timestamp", "isv.invalid-timestamp"},
        {"charset", "isv.invalid-parameter"},
        {"sign_type", "isv.invalid-signature-type"}};
    for (const auto& [name, code] : changes) {
        auto params = good;
        params[name] += "x";
        EXPECT_EQ(refusal(params), code) << name;
    }
    auto unknown = merchant_.params("alipay.trade.dance", "{}");
    EXPECT_EQ(
        sub_code(merchant_.send(merchant_.signed_by_app(unknown)), "alipay_trade_dance_response"),
        "isv.invalid-method"
    );
    merchant_.certified = true;
    auto other = merchant_.params("alipay.trade.query", kNumber);
    other["app_cert_sn"] = std::string(32, '0');
    EXPECT_EQ(refusal(merchant_.signed_by_app(other)), "isv.invalid-app-cert-sn");
}

TEST_F(Alipay, meets_hostile_input_with_a_refusal) {
    for (const char* biz :
         {"",
          "x",
          "[]",
          "{}",
          R"({"out_trade_no":1})",
          R"({"out_trade_no":"a\u0000b"})",
          R"({"out_trade_no":null})"}) {
        for (const char* method :
             {"alipay.trade.query",
              "alipay.trade.close",
              "alipay.trade.cancel",
              "alipay.trade.refund",
              "alipay.trade.fastpay.refund.query",
              "alipay.data.dataservice.bill.downloadurl.query"}) {
            const auto reply = merchant_.call(method, biz);
            EXPECT_EQ(reply.status, 200);
            EXPECT_THAT(reply.body, HasSubstr(R"("sub_code":)")) << method << biz;
        }
        EXPECT_EQ(merchant_.call("alipay.trade.page.pay", biz).header("Location"), "");
    }
    for (const char* body : {"%", "a=%ff", "a=1&a=2", "&&&==", "sign=%00"}) {
        EXPECT_EQ(world_.phone.post("/sandbox/alipay/gateway.do", body).status, 200) << body;
    }
    for (const char* page : {"", "x", "%00", "'--", "%ff"}) {
        const auto reply = world_.phone.get("/sandbox/alipay/cashier?page=" + std::string{page});
        EXPECT_TRUE(reply.status == 404 || reply.status == 400) << page;
        EXPECT_EQ(
            world_.phone.post("/sandbox/alipay/cashier/pay", "buyer=a&page=" + std::string{page})
                .status,
            404
        );
    }
}

TEST_F(Alipay, tells_of_a_payment_until_it_reads_success) {
    NotifyRoute shop{world_};
    shop.answer = "success\n";
    merchant_.scan(merchant_.page("SK1", "20.00", R"(,"passback_params":"a%3D1")"));
    for (const int wait : {0, 240, 600, 600, 3600, 7200, 21'600, 54'000}) {
        world_.clock.advance(std::chrono::seconds{wait});
        EXPECT_EQ(world_.deliver(), 1) << wait;
        world_.clock.advance(std::chrono::milliseconds{1});
    }
    world_.clock.advance(std::chrono::days{3});
    EXPECT_EQ(world_.deliver(), 0);
    ASSERT_EQ(shop.bodies.size(), 8u);

    http::Request request;
    request.method = http::Method::post;
    request.body = shop.bodies.back();
    auto told = *alipay::params_of(request);
    EXPECT_EQ(told["trade_status"], "TRADE_SUCCESS");
    EXPECT_EQ(told["total_amount"], "20.00");
    EXPECT_EQ(told["passback_params"], "a%3D1");
    EXPECT_EQ(told["seller_id"], world_.sandbox.alipay_merchant().seller_id);
    const std::string text = alipay::text_to_sign(told, false);
    EXPECT_TRUE(test::shared_identity().alipay.alipay_key.verify(text, told["sign"]));
    shop.answer = "success";
    merchant_.scan(merchant_.page("SK2", "20.00"));
    EXPECT_EQ(world_.deliver(), 1);
    world_.clock.advance(std::chrono::days{1});
    EXPECT_EQ(world_.deliver(), 0);
}

TEST_F(Alipay, sends_the_browser_back_with_signed_parameters) {
    const auto paid = merchant_.scan(merchant_.page("SK1", "20.00"));
    const std::string url = paid.text("/data/return_url");
    ASSERT_THAT(url, StartsWith("http://127.0.0.1:8080/back?a=1&"));
    http::Request request;
    request.query = std::string_view{url}.substr(url.find("a=1&") + 4);
    auto params = *alipay::params_of(request);
    EXPECT_EQ(params["method"], "alipay.trade.page.pay.return");
    EXPECT_FALSE(params.contains("trade_status"));
    const std::string text = alipay::text_to_sign(params, false);
    EXPECT_TRUE(test::shared_identity().alipay.alipay_key.verify(text, params["sign"]));
}

TEST_F(Alipay, closes_what_is_unpaid_and_what_nobody_paid_in_time) {
    EXPECT_THAT(merchant_.node("alipay.trade.close", kNumber), HasSubstr("ACQ.TRADE_NOT_EXIST"));
    const std::string page = merchant_.page("SK1", "20.00");
    merchant_.scan(page, R"(,"pay":false)");
    EXPECT_THAT(merchant_.node("alipay.trade.close", kNumber), HasSubstr("\"10000\""));
    EXPECT_EQ(state(), "TRADE_CLOSED");
    EXPECT_EQ(merchant_.scan(page).error(), "sandbox_order_closed");
    EXPECT_THAT(merchant_.node("alipay.trade.close", kNumber), HasSubstr("ACQ.TRADE_STATUS_ERROR"));
    const std::string late = merchant_.page("SK2", "1.00", R"(,"timeout_express":"5m")");
    merchant_.scan(late, R"(,"pay":false)");
    world_.clock.advance(std::chrono::minutes{5});
    EXPECT_EQ(state("SK2"), "TRADE_CLOSED");
    EXPECT_EQ(merchant_.scan(late).error(), "sandbox_order_closed");
}

TEST_F(Alipay, refunds_in_parts_once_for_each_number_until_nothing_is_left) {
    NotifyRoute shop{world_};
    merchant_.scan(merchant_.page("SK1", "10.00"), R"(,"coupon":100)");
    const std::string node = "alipay_trade_refund_response";
    const auto first = merchant_.refund("SK1", "R1", "3.33");
    EXPECT_EQ(first.text("/" + node + "/fund_change"), "Y");
    EXPECT_EQ(first.text("/" + node + "/refund_fee"), "3.33");
    const auto again = merchant_.refund("SK1", "R1", "3.33");
    EXPECT_EQ(again.text("/" + node + "/fund_change"), "N");
    EXPECT_EQ(again.text("/" + node + "/refund_fee"), "3.33");
    EXPECT_EQ(
        sub_code(merchant_.refund("SK1", "R1", "3.34"), node), "ACQ.DISCORDANT_REPEAT_REQUEST"
    );
    EXPECT_EQ(
        sub_code(merchant_.refund("SK1", "R2", "6.68"), node), "ACQ.REASON_TRADE_REFUND_FEE_ERR"
    );
    EXPECT_EQ(state(), "TRADE_SUCCESS");
    EXPECT_EQ(merchant_.refund("SK1", "R3", "6.67").text("/" + node + "/refund_fee"), "10.00");
    EXPECT_EQ(state(), "TRADE_CLOSED");
    EXPECT_EQ(sub_code(merchant_.refund("SK1", "R4", "0.01"), node), "ACQ.TRADE_HAS_CLOSE");
    const std::string query = R"({"out_trade_no":"SK1","out_request_no":"R3"})";
    EXPECT_THAT(
        merchant_.node("alipay.trade.fastpay.refund.query", query),
        HasSubstr(R"("refund_status":"REFUND_SUCCESS")")
    );
    EXPECT_EQ(world_.deliver(), 3);
    EXPECT_THAT(shop.bodies.at(1), HasSubstr("out_biz_no=R1"));
    EXPECT_THAT(shop.bodies.at(2), HasSubstr("trade_status=TRADE_CLOSED"));
    const auto statement = world_.control.get("/sandbox/control/statement?provider=alipay");
    EXPECT_EQ(statement.integer("/data/balance"), 0);
    EXPECT_EQ(statement.integer("/data/account/payment/amount"), 900);
    EXPECT_EQ(statement.integer("/data/account/refund/amount"), -900);
    EXPECT_EQ(statement.integer("/data/refunds/SUCCESS/amount"), 1000);
}

TEST_F(Alipay, moves_money_later_when_it_is_told_to) {
    merchant_.scan(merchant_.page("SK1", "10.00"));
    world_.faults.set_for("SK1", Faults::Point::refund_unmoved, 1);
    const auto first = merchant_.refund("SK1", "R1", "10.00");
    EXPECT_EQ(first.text("/alipay_trade_refund_response/fund_change"), "N");
    const std::string query = R"({"out_trade_no":"SK1","out_request_no":"R1"})";
    const std::string asked = merchant_.node("alipay.trade.fastpay.refund.query", query);
    EXPECT_THAT(asked, Not(HasSubstr("refund_status")));
    EXPECT_EQ(state(), "TRADE_SUCCESS");
    world_.clock.advance(std::chrono::seconds{3});
    EXPECT_TRUE(test::run(world_.sandbox.settle_due_refund()));
    EXPECT_THAT(
        merchant_.node("alipay.trade.fastpay.refund.query", query), HasSubstr("REFUND_SUCCESS")
    );
    EXPECT_EQ(state(), "TRADE_CLOSED");
}

TEST_F(Alipay, cancels_by_closing_or_by_refunding) {
    const auto cancel = [&](const std::string& number) {
        return merchant_.node("alipay.trade.cancel", R"({"out_trade_no":")" + number + "\"}");
    };
    EXPECT_THAT(cancel("SK1"), Not(HasSubstr("action")));
    merchant_.scan(merchant_.page("SK1", "1.00"), R"(,"pay":false)");
    EXPECT_THAT(cancel("SK1"), HasSubstr(R"("action":"close")"));
    merchant_.scan(merchant_.page("SK2", "1.00"));
    EXPECT_THAT(cancel("SK2"), HasSubstr(R"("action":"refund")"));
    EXPECT_EQ(state("SK2"), "TRADE_CLOSED");
    EXPECT_THAT(cancel("SK2"), Not(HasSubstr("action")));
}

}  // namespace
}  // namespace doorbuster::sandbox
