#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/hang_up.hpp"
#include "sandbox/alipay/bill.hpp"
#include "support/sandbox_merchants.hpp"

namespace doorbuster::sandbox {
namespace {

using Point = Faults::Point;
using test::AlipayMerchant;
using test::SandboxWorld;
using test::WechatMerchant;
using testing::HasSubstr;
using testing::StartsWith;

class Bills : public testing::Test {
protected:
    std::string today() { return beijing_day(world_.clock.now()); }
    // Past ten o'clock of the next day, when bills are made.
    void sleep() { world_.clock.advance(std::chrono::hours{34}); }
    test::Reply ask(const std::string& day, const std::string& more = "") {
        return wechat_.get("/v3/bill/tradebill?bill_date=" + day + more);
    }
    test::Reply fetch(const test::Reply& bill) {
        const std::string url = bill.text("/download_url");
        return wechat_.get(url.substr(url.find("/v3/")));
    }
    std::string alipay_bill(const std::string& type, const std::string& day) {
        return alipay_.node(
            "alipay.data.dataservice.bill.downloadurl.query",
            R"({"bill_type":")" + type + R"(","bill_date":")" + day + "\"}"
        );
    }
    test::Reply alipay_file(const std::string& node) {
        const std::string url =
            boost::json::parse(node).at("bill_download_url").as_string().c_str();
        return world_.phone.get(url.substr(url.find("/sandbox/")));
    }

    SandboxWorld world_;
    WechatMerchant wechat_{world_};
    AlipayMerchant alipay_{world_};
};

TEST_F(Bills, of_wechat_pay_tell_payments_and_refunds_of_a_day_with_their_sums) {
    const std::string day = today();
    wechat_.pay("ORDER1", 8888);
    wechat_.refund("ORDER1", "R1", 30, 8888);
    EXPECT_EQ(ask(day).text("/code"), "PARAM_ERROR");
    sleep();
    while (test::run(world_.sandbox.settle_due_refund())) {
    }
    const auto bill = ask(day);
    ASSERT_EQ(bill.status, 200);
    const auto file = fetch(bill);
    EXPECT_EQ(file.header("Wechatpay-Signature"), "");
    EXPECT_EQ(sha1_hex(file.body), bill.text("/hash_value"));
    EXPECT_THAT(file.body, StartsWith("\xEF\xBB\xBF交易时间,公众账号ID,"));
    EXPECT_THAT(file.body, HasSubstr(",`ORDER1,"));
    EXPECT_THAT(file.body, HasSubstr(",`咖啡, 豆,`,`0.53000,`0.60%,`88.88,`0.00,`\r\n"));
    EXPECT_THAT(file.body, HasSubstr(",`R1,`0.30,`0.00,`ORIGINAL,`SUCCESS,"));
    EXPECT_THAT(file.body, HasSubstr("`2,`88.88,`0.30,`0.00,`0.53000,`88.88,`0.30\r\n"));
    EXPECT_EQ(fetch(bill).status, 400) << "a token works once";
    const auto packed = ask(day, "&tar_type=GZIP");
    EXPECT_EQ(packed.text("/hash_value"), bill.text("/hash_value"));
    EXPECT_THAT(fetch(packed).body, StartsWith("\x1F\x8B"));
    EXPECT_THAT(fetch(ask(day, "&bill_type=SUCCESS")).body, HasSubstr("`1,`88.88,"));
    EXPECT_THAT(fetch(ask(day, "&bill_type=REFUND")).body, HasSubstr("退款申请时间"));
}

// Whoever compares the two bills of a day must find the same fees in both.
TEST_F(Bills, of_wechat_pay_give_no_fee_back_with_a_refund_that_failed) {
    const std::string day = today();
    wechat_.pay("ORDER1", 10000);
    world_.faults.set_for("ORDER1", Point::refund_closed, 1);
    wechat_.refund("ORDER1", "R1", 5000, 10000);
    world_.clock.advance(std::chrono::minutes{1});
    while (test::run(world_.sandbox.settle_due_refund())) {
    }
    sleep();
    const std::string file = fetch(ask(day)).body;
    EXPECT_THAT(file, HasSubstr(",`ORIGINAL,`FAIL,`咖啡, 豆,`,`0.00000,`0.60%,`0.00,`50.00,"));
    EXPECT_THAT(file, HasSubstr("`2,`100.00,`50.00,`0.00,`0.60000,`100.00,`50.00\r\n"));
    const std::string funds = fetch(wechat_.get("/v3/bill/fundflowbill?bill_date=" + day)).body;
    EXPECT_THAT(funds, HasSubstr(",`99.40,")) << "and the account has lost one fee";
}

TEST_F(Bills, of_funds_carry_the_balance_on) {
    const std::string day = today();
    wechat_.pay("ORDER1", 10000);
    sleep();
    const std::string next = today();
    wechat_.pay("ORDER2", 100);
    sleep();
    const auto fetched = [&](const std::string& date) {
        return fetch(wechat_.get("/v3/bill/fundflowbill?bill_date=" + date)).body;
    };
    EXPECT_THAT(fetched(day), HasSubstr("`支出,`0.60,`99.40,"));
    EXPECT_THAT(fetched(next), HasSubstr("`收入,`1.00,`100.40,"));
    EXPECT_THAT(fetched(next), HasSubstr("`2.0,`1.0,`1.00,`1.0,`0.01\r\n"));
}

TEST_F(Bills, are_not_there_before_they_are_made_or_when_nothing_happened) {
    const std::string day = today();
    EXPECT_EQ(ask("tomorrow").text("/code"), "PARAM_ERROR");
    EXPECT_EQ(ask(day, "&bill_type=ODD").text("/code"), "PARAM_ERROR");
    const auto midnight = beijing_day_span(day)->to;
    world_.clock.advance(midnight - world_.clock.now() + std::chrono::hours{9});
    EXPECT_EQ(ask(day).text("/code"), "STATEMENT_CREATING");
    world_.clock.advance(std::chrono::hours{1});
    EXPECT_EQ(ask(day).text("/code"), "NO_STATEMENT_EXIST");
    world_.faults.set(Point::bill_not_ready, 1);
    EXPECT_EQ(ask(day).text("/code"), "STATEMENT_CREATING");
    EXPECT_THAT(alipay_bill("trade", day), HasSubstr("isp.bill_not_exist"));
    world_.faults.clear();
    EXPECT_THAT(alipay_bill("trade", day), HasSubstr("EMPTY_DATA_WITH_BILL_FILE"));
    EXPECT_THAT(alipay_bill("odd", day), HasSubstr("TYPE_NOT_SUPPORTED"));
}

TEST_F(Bills, can_be_had_at_once_when_the_settings_say_so) {
    wechat_.pay("ORDER1", 100);
    const auto changed =
        world_.control.patch("/sandbox/control", R"({"bills_at_once":true,"time_scale":0.5})");
    EXPECT_EQ(changed.status, 200);
    EXPECT_EQ(ask(today()).status, 200);
}

TEST_F(Bills, lack_a_row_or_have_a_wrong_hash_when_told_to) {
    wechat_.pay("ORDER1", 100);
    wechat_.pay("ORDER2", 100);
    const std::string day = today();
    sleep();
    world_.faults.set_for(day, Point::bill_missing_row, 1);
    EXPECT_THAT(fetch(ask(day)).body, HasSubstr("`1,`1.00,"));
    world_.faults.set_for(day, Point::bill_wrong_hash, 1);
    const auto bill = ask(day);
    EXPECT_NE(sha1_hex(fetch(bill).body), bill.text("/hash_value"));
}

TEST_F(Bills, of_alipay_are_zips_that_live_half_a_minute) {
    const std::string day = today();
    alipay_.scan(alipay_.page("SK1", "88.88"));
    alipay_.refund("SK1", "R1", "0.30");
    sleep();
    for (const char* type : {"trade", "signcustomer"}) {
        const std::string node = alipay_bill(type, day);
        const auto file = alipay_file(node);
        EXPECT_EQ(file.status, 200);
        EXPECT_THAT(file.body, StartsWith("PK\x03\x04"));
        world_.clock.advance(std::chrono::seconds{30});
        EXPECT_EQ(alipay_file(node).status, 404);
    }
}

TEST_F(Bills, as_files_meet_the_faults_of_calls_too) {
    const std::string day = today();
    wechat_.pay("ORDER1", 8888);
    alipay_.scan(alipay_.page("SK1", "88.88"));
    sleep();
    const std::string whole = fetch(ask(day)).body;
    const auto struck_by = [&](Point point) {
        const auto bill = ask(day);
        world_.faults.set_for("bill file", point, 1);
        return fetch(bill);
    };
    EXPECT_EQ(struck_by(Point::server_error).status, 500);
    EXPECT_EQ(struck_by(Point::rate_limited).status, 429);
    EXPECT_EQ(struck_by(Point::reset_before).status, http::kHangUp);
    EXPECT_EQ(struck_by(Point::reset_after).status, http::kHangUp);
    EXPECT_EQ(struck_by(Point::answer_truncated).body, whole.substr(0, whole.size() / 2));
    EXPECT_THAT(struck_by(Point::answer_not_json).body, StartsWith("<html"));

    const std::string node = alipay_bill("trade", day);
    world_.faults.set_for("bill file", Point::server_error, 1);
    EXPECT_EQ(alipay_file(node).status, 500);
    world_.faults.set_for("bill file", Point::answer_not_json, 1);
    EXPECT_THAT(alipay_file(node).body, StartsWith("<html"));
    EXPECT_THAT(alipay_file(node).body, StartsWith("PK\x03\x04"));
}

TEST(AlipayBill, has_rows_and_totals_in_the_documented_words) {
    alipay::Trade trade;
    trade.trade_no = "2026112222001000000000000001";
    trade.terms.out_trade_no = "SK1";
    trade.terms.total = Money::fen(8888);
    trade.terms.subject = "咖啡,豆";
    trade.buyer = "ann";
    trade.payer_total = Money::fen(8800);
    trade.fee = Money::fen(53);
    trade.paid_at = from_milliseconds(1'790'000'000'000);
    const auto entries =
        alipay::trade_bill({"2088", "2026-11-22", *trade.paid_at, false}, {trade}, {});
    ASSERT_EQ(entries.size(), 2u);
    EXPECT_EQ(entries[0].name, to_gbk("20880156_20261122_业务明细.csv"));
    const auto has = [&](const std::string& text) {
        return entries[0].content.find(to_gbk(text)) != std::string::npos;
    };
    EXPECT_TRUE(has("#支付宝业务明细查询\r\n"));
    EXPECT_TRUE(has("SK1\t,交易\t,咖啡 豆 "));
    EXPECT_TRUE(has(",88.88,88.00,0.00,0.00,0.00,0.88,"));
    EXPECT_TRUE(has("#交易合计：1笔，商家实收共88.00元，商家优惠共0.88元\r\n"));
    EXPECT_TRUE(has("#退款合计：0笔，商家实收退款共0.00元，商家优惠退款共0.00元\r\n"));
}

}  // namespace
}  // namespace doorbuster::sandbox
