#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sandbox_merchants.hpp"

namespace doorbuster::sandbox {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Claims {
    std::string mchid;
    std::string serial;
    std::string timestamp;
    std::string signature = "AAAA";
};

class WechatGate : public testing::Test {
protected:
    Claims claims() {
        const auto now = std::chrono::floor<std::chrono::seconds>(world_.clock.now());
        const auto& merchant = world_.sandbox.merchant();
        return {
            merchant.mchid,
            merchant.merchant_serial,
            std::to_string(now.time_since_epoch().count())};
    }
    test::Reply send(const Claims& claims, const std::string& target, const std::string& body) {
        const std::string authorization = R"(WECHATPAY2-SHA256-RSA2048 mchid=")" + claims.mchid +
                                          R"(",nonce_str="n",timestamp=")" + claims.timestamp +
                                          R"(",serial_no=")" + claims.serial + R"(",signature=")" +
                                          claims.signature + '"';
        return world_.phone.send(
            http::Method::post, target, body, {{"Authorization", authorization}}
        );
    }

    const std::string target_ = "/sandbox/wechat_pay/v3/pay/transactions/native";
    test::SandboxWorld world_;
};

TEST_F(WechatGate, says_which_part_of_the_authorization_does_not_hold) {
    Claims other_merchant = claims();
    other_merchant.mchid = "1900000000";
    Claims other_serial = claims();
    other_serial.serial = "0123";
    Claims late = claims();
    late.timestamp = "1";
    const std::vector<std::pair<Claims, std::string>> table{
        {other_merchant, "mchid"},
        {other_serial, "serial_no"},
        {late, "timestamp"},
        {claims(), "signature"}};
    for (const auto& [claims, field] : table) {
        const auto reply = send(claims, target_, "{}");
        EXPECT_EQ(reply.status, 401) << field;
        EXPECT_EQ(reply.text("/code"), "SIGN_ERROR") << field;
        EXPECT_EQ(reply.text("/detail/field"), field);
        EXPECT_EQ(reply.has("/detail/sign_information"), field == "signature");
    }
    EXPECT_EQ(world_.phone.post(target_, "{}").text("/detail/field"), "Authorization");
}

TEST_F(WechatGate, shows_what_a_signature_was_held_against) {
    const auto reply = send(claims(), target_ + "?a=1", R"({"description":"咖啡"})");
    EXPECT_EQ(reply.text("/detail/sign_information/url"), target_ + "?a=1");
    EXPECT_EQ(
        reply.text("/detail/sign_information/truncated_sign_message"),
        "POST\n" + target_ + "?a=1\n" + claims().timestamp + "\nn\n{\"description\":\"咖啡\"}\n"
    );
}

TEST_F(WechatGate, shows_the_beginning_of_a_long_text_and_none_that_is_no_text) {
    const std::string shown = "/detail/sign_information/truncated_sign_message";
    for (const char* first : {"", "x", "xx"}) {
        std::string body = first;
        for (int i = 0; i < 1000; ++i) body += "啡";
        const auto reply = send(claims(), target_, body);
        EXPECT_THAT(reply.text(shown), StartsWith("POST\n" + target_));
        EXPECT_THAT(reply.text(shown), HasSubstr("啡"));
        EXPECT_LE(reply.text(shown).size(), 512U);
        EXPECT_GT(reply.text(shown).size(), 508U);
    }
    EXPECT_EQ(send(claims(), target_, "\xff\xfe").text(shown), "");
}

// A router as `doorbuster sandbox` has it.
TEST_F(WechatGate, stands_at_the_paths_of_the_providers_too) {
    world_.router.add(root_routes(world_.sandbox));
    EXPECT_EQ(send(claims(), "/v3/pay/transactions/native", "{}").text("/code"), "SIGN_ERROR");
    EXPECT_THAT(world_.phone.get("/gateway.do").body, HasSubstr("isv.missing-app-id"));
    const auto way_in = world_.phone.get("/");
    EXPECT_EQ(way_in.status, 302);
    EXPECT_EQ(way_in.header("Location"), "/sandbox");
}

}  // namespace
}  // namespace doorbuster::sandbox
