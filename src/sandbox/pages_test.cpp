#include "sandbox/pages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sandbox_world.hpp"

namespace doorbuster::sandbox {
namespace {

using testing::HasSubstr;
using testing::Not;

using wechat_pay::Trade;

Trade a_trade(const std::string& description) {
    Trade trade;
    trade.out_trade_no = "SK2026112200";
    trade.description = description;
    trade.notify_url = "https://shop.test/n";
    trade.total = Money::fen(8888);
    trade.code = "abc";
    trade.code_expires_at = from_milliseconds(7'200'000);
    trade.expires_at = from_milliseconds(1'800'000);
    return trade;
}

TEST(Pages, show_what_waits_to_be_paid_in_both_languages) {
    const std::string page = list_page({a_trade("咖啡豆 500g")}, {}, from_milliseconds(0));
    EXPECT_THAT(page, HasSubstr("咖啡豆 500g"));
    EXPECT_THAT(page, HasSubstr("¥88.88"));
    EXPECT_THAT(page, HasSubstr("30 分钟内有效"));
    EXPECT_THAT(page, HasSubstr("待付款 · Waiting to be paid"));
    EXPECT_THAT(page, HasSubstr(R"(<form method="post" action="/sandbox/pay">)"));
    EXPECT_THAT(page, HasSubstr(R"(value="weixin://wxpay/bizpayurl?pr=abc")"));
}

TEST(Pages, escape_everything_that_came_from_outside) {
    const std::string evil = R"("><script>alert('x')</script>&amp;)";
    Trade trade = a_trade(evil);
    trade.code = evil;
    trade.out_trade_no = evil;
    trade.transaction_id = evil;
    for (const std::string& page :
         {list_page({trade}, {}, from_milliseconds(0)), confirm_page(trade), paid_page(trade)}) {
        EXPECT_THAT(page, Not(HasSubstr("<script")));
        EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
        EXPECT_THAT(page, HasSubstr("&amp;amp;"));
    }
}

TEST(Pages, load_nothing_and_run_no_scripts) {
    const std::string page = list_page({a_trade("x")}, {}, from_milliseconds(0));
    for (const char* word :
         {"<script", "<img", "<link", "http://", "https://", "url(", "@import"}) {
        EXPECT_THAT(page, Not(HasSubstr(word)));
    }
}

TEST(Pages, a_form_pays_without_scripts_and_a_wrong_code_is_told_apart) {
    test::SandboxWorld world;
    auto phone = world.phone;
    phone.content_type = "application/x-www-form-urlencoded";
    EXPECT_EQ(world.phone.get("/sandbox").status, 200);
    EXPECT_THAT(
        world.phone.get("/sandbox").header("Content-Security-Policy"),
        HasSubstr("default-src 'none'")
    );
    for (const char* body :
         {"",
          "code_url=",
          "code_url=%00",
          "code_url=%ff%fe",
          "code_url=weixin%3A%2F%2Fwxpay",
          "code_url=weixin://wxpay/bizpayurl?pr=",
          "code_url=weixin://wxpay/bizpayurl?pr='--",
          "other=1",
          "&&&=&",
          "%"}) {
        const auto reply = phone.post("/sandbox/pay", body);
        EXPECT_EQ(reply.status, 404) << body;
        EXPECT_THAT(reply.body, HasSubstr("没有这个二维码对应的订单"));
    }
    EXPECT_EQ(world.phone.get("/sandbox/pay").status, 404);
    for (const char* code : {"%3Cscript%3E", "%", "'--", "a&pr=b"}) {
        EXPECT_EQ(world.phone.get(std::string{"/sandbox/pay?pr="} + code).status, 404) << code;
    }
    for (const char* code : {"%00", "a%00b", "%ff%fe"}) {
        EXPECT_EQ(world.phone.get(std::string{"/sandbox/pay?pr="} + code).status, 400) << code;
    }
}

TEST(Pages, scanning_by_json_refuses_bad_input_and_names_the_field) {
    test::SandboxWorld world;
    EXPECT_EQ(world.phone.post("/sandbox/scan", "x").status, 400);
    for (const char* body :
         {"{}", R"({"code_url":1})", R"({"code_url":""})", R"({"code_url":null})"}) {
        const auto reply = world.phone.post("/sandbox/scan", body);
        EXPECT_EQ(reply.status, 422) << body;
        EXPECT_TRUE(reply.blames("code_url")) << body;
    }
    EXPECT_TRUE(world.phone.post("/sandbox/scan", R"({"code_url":"weixin://x","coupon":-1})")
                    .blames("coupon"));
    const auto unknown = world.scan("weixin://wxpay/bizpayurl?pr=nothing");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(unknown.error(), "sandbox_unknown_code");
}

}  // namespace
}  // namespace doorbuster::sandbox
