#pragma once

#include <gtest/gtest.h>

#include <string>

#include "adapters/alipay/provider.hpp"
#include "support/alipay_fixture.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "support/scripted_http_client.hpp"

namespace doorbuster::test {

// An Alipay adapter in public-key mode before a gateway that answers as it is told.
class AlipayWorld : public testing::Test {
protected:
    // Signed by `whose` key; not at all when that is empty.
    void answer(
        const std::string& node_name, const std::string& node, const std::string& whose = "alipay"
    ) {
        const std::string body = whose.empty() ? "{\"" + node_name + "\":" + node + "}"
                                               : alipay_answer(node_name, node, whose);
        answer_status(200, body);
    }
    void answer_status(int status, const std::string& body) {
        answers_ = [=, this](const OutboundRequest&) {
            OutboundResponse response{.status = status, .body = body};
            if (!date_.empty()) response.headers = {{"Date", date_}};
            return response;
        };
    }
    void fail(bool sent) {
        answers_ = [=](const OutboundRequest&) -> OutboundResponse {
            throw HttpClient::Failed{"connection lost", sent};
        };
    }
    static std::string failure(const std::string& sub_code) {
        return R"({"code":"40004","msg":"Business Failed","sub_code":")" + sub_code +
               R"(","sub_msg":"说明"})";
    }

    std::string date_;
    ManualClock clock_{*from_rfc3339("2026-11-22T02:00:00Z")};
    ScriptedHttpClient::Answer answers_;
    ScriptedHttpClient http_{[this](const OutboundRequest& r) { return answers_(r); }};
    alipay::Alipay provider_{alipay_config(), http_, clock_};
};

}  // namespace doorbuster::test
