#pragma once

#include <gtest/gtest.h>

#include <string>

#include "adapters/pay_wire/base64.hpp"
#include "adapters/wechat_pay/provider.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "support/scripted_http_client.hpp"
#include "support/seeded_random.hpp"
#include "support/wechat_pay_fixture.hpp"

namespace doorbuster::test {

inline std::string error_json(const std::string& code) {
    return R"({"code":")" + code + R"(","message":"说明"})";
}

// A provider whose every call is answered as the test says: status and body, signed as WeChat Pay
// signs in public-key mode unless said otherwise.
class AnsweredByWechatPay : public testing::Test {
public:
    static Time start() { return *from_rfc3339("2026-11-22T02:30:00Z"); }

protected:
    enum class Signed { yes, no, by_stranger };

    void answer(int status, const std::string& body, Signed how = Signed::yes) {
        answers_ = [=, this](const OutboundRequest&) { return answered(status, body, how); };
    }
    void fail(bool sent) {
        answers_ = [=](const OutboundRequest&) -> OutboundResponse {
            throw HttpClient::Failed{"connection lost", sent};
        };
    }
    OutboundResponse answered(int status, const std::string& body, Signed how = Signed::yes) {
        OutboundResponse response{.status = status, .body = body};
        if (how != Signed::no) sign(response, how);
        return response;
    }
    void sign(OutboundResponse& response, Signed how) {
        const auto& keys = wechat_keys();
        const auto& owner = keys.at(how == Signed::yes ? "public_key_mode" : "stranger");
        sign_with(
            response, text_at(owner, "private_key_pem"), text_at(keys.at("public_key_mode"), "id")
        );
    }
    void sign_with(OutboundResponse& response, const std::string& pem, const std::string& serial) {
        const auto key = pay_wire::PrivateKey::from_pem(pem);
        const std::string timestamp = std::to_string(to_milliseconds(clock_.now()) / 1000);
        const std::string message = timestamp + "\nnonce\n" + response.body + "\n";
        response.headers = {
            {"Wechatpay-Timestamp", timestamp},
            {"Wechatpay-Nonce", "nonce"},
            {"Wechatpay-Serial", serial},
            {"Wechatpay-Signature", pay_wire::to_base64(key->sign(message))}};
    }

    ManualClock clock_{start()};
    SeededRandom random_{1};
    ScriptedHttpClient::Answer answers_;
    ScriptedHttpClient http_{[this](const OutboundRequest& r) { return answers_(r); }};
    wechat_pay::WechatPay provider_{wechat_config(), http_, clock_, random_};
};

}  // namespace doorbuster::test
