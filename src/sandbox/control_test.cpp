#include <gtest/gtest.h>

#include "sandbox/control_settings.hpp"
#include "support/sandbox_merchants.hpp"

namespace doorbuster::sandbox {
namespace {

using test::AlipayMerchant;
using test::SandboxWorld;
using test::WechatMerchant;

TEST(Control, is_for_this_machine_alone_unless_it_is_opened) {
    SandboxWorld world;
    for (const char* path : {"", "/trades?provider=alipay", "/statement?provider=alipay"}) {
        const std::string target = "/sandbox/control" + std::string{path};
        EXPECT_EQ(world.phone.get(target).status, 404) << path;
        EXPECT_EQ(world.control.get(target).status, 200) << path;
    }
    EXPECT_EQ(world.phone.patch("/sandbox/control", R"({"seed":1})").status, 404);
    SandboxWorld open{{.open_control = true}};
    EXPECT_EQ(open.phone.get("/sandbox/control").status, 200);
}

TEST(Control, changes_all_settings_of_a_request_or_none) {
    SandboxWorld world;
    const auto changed = world.control.patch(
        "/sandbox/control",
        R"({"seed":7,"faults":{"drop_notification":0.5},"time_scale":0.01,"refund_ms":10,
            "slow_answer_ms":20,"notification_delay_ms":30,"bills_at_once":true,
            "order_faults":[{"out_trade_no":"A","fault":"server_error","times":2}]})"
    );
    ASSERT_EQ(changed.status, 200);
    EXPECT_EQ(changed.text("/data/faults/drop_notification"), "5E-1");
    EXPECT_EQ(changed.integer("/data/settings/refund_ms"), 10);
    EXPECT_TRUE(world.faults.strikes(Faults::Point::server_error, "A"));
    EXPECT_TRUE(world.faults.strikes(Faults::Point::server_error, "A"));
    EXPECT_FALSE(world.faults.strikes(Faults::Point::server_error, "A"));
    for (const char* body :
         {R"({"faults":{"odd":1}})",
          R"({"faults":{"server_error":1.1}})",
          R"({"faults":{"server_error":-1}})",
          R"({"faults":[]})",
          R"({"odd":1})",
          R"({"seed":"x"})",
          R"({"time_scale":1000})",
          R"({"refund_ms":1e300})",
          R"({"bills_at_once":1})",
          R"({"order_faults":[{"out_trade_no":"","fault":"server_error"}]})",
          R"({"order_faults":[{"out_trade_no":"A","fault":"odd"}]})",
          R"({"order_faults":[1]})",
          R"({"refund_ms":99,"odd":1})"}) {
        EXPECT_EQ(world.control.patch("/sandbox/control", body).status, 422) << body;
    }
    EXPECT_EQ(world.control.patch("/sandbox/control", "[").status, 400);
    EXPECT_EQ(world.control.get("/sandbox/control").integer("/data/settings/refund_ms"), 10);
}

TEST(Control, takes_faults_as_words_of_a_command_line) {
    Faults faults{1};
    EXPECT_TRUE(apply_fault_word(faults, "server_error=1").has_value());
    EXPECT_TRUE(faults.strikes(Faults::Point::server_error));
    EXPECT_TRUE(apply_fault_word(faults, "rate_limited").has_value());
    EXPECT_TRUE(faults.strikes(Faults::Point::rate_limited));
    for (const char* word :
         {"", "=", "odd=1", "server_error=", "server_error=2", "server_error=x"}) {
        EXPECT_TRUE(apply_fault_word(faults, word).has_error()) << word;
    }
}

TEST(Control, lists_trades_and_refunds_of_either_provider) {
    SandboxWorld world;
    WechatMerchant wechat{world};
    AlipayMerchant alipay{world};
    wechat.pay("ORDER1", 100);
    wechat.refund("ORDER1", "R1", 40, 100);
    alipay.scan(alipay.page("SK1", "2.00"));
    alipay.refund("SK1", "R2", "0.50");
    const auto list = [&](const std::string& what, const std::string& provider) {
        return world.control.get("/sandbox/control/" + what + "?provider=" + provider);
    };
    EXPECT_EQ(list("trades", "wechat_pay").text("/data/list/0/state"), "REFUND");
    EXPECT_EQ(list("trades", "alipay").integer("/data/list/0/total"), 200);
    EXPECT_EQ(list("refunds", "wechat_pay").text("/data/list/0/state"), "PROCESSING");
    EXPECT_EQ(list("refunds", "alipay").integer("/data/list/0/amount"), 50);
    EXPECT_EQ(list("trades", "alipay&after=SK1").size("/data/list"), 0u);
    EXPECT_EQ(list("trades", "odd").status, 422);
    EXPECT_EQ(list("statement", "alipay&date=odd").status, 422);
    const auto sums = list("statement", "wechat_pay&date=" + beijing_day(world.clock.now()));
    EXPECT_EQ(sums.integer("/data/payments/amount"), 100);
    EXPECT_EQ(sums.integer("/data/refunds/PROCESSING/amount"), 40);
}

TEST(Control, ends_an_alipay_trade_so_that_it_cannot_be_refunded) {
    SandboxWorld world;
    AlipayMerchant alipay{world};
    alipay.scan(alipay.page("SK1", "2.00"));
    const auto finished =
        world.control.post("/sandbox/control/finish", R"({"out_trade_no":"SK1"})");
    EXPECT_EQ(finished.text("/data/state"), "TRADE_FINISHED");
    EXPECT_EQ(
        alipay.refund("SK1", "R1", "1.00").text("/alipay_trade_refund_response/sub_code"),
        "ACQ.TRADE_HAS_FINISHED"
    );
    EXPECT_EQ(
        world.control.post("/sandbox/control/finish", R"({"out_trade_no":"SK1"})").status, 404
    );
}

}  // namespace
}  // namespace doorbuster::sandbox
