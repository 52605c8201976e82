#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "support/wechat_pay_answers.hpp"

// Whatever an answer says: one that WeChat Pay did not sign decides nothing, of any call.
namespace doorbuster::wechat_pay {
namespace {

using test::error_json;

constexpr auto kNumber = "SK20261122000001";
constexpr auto kRefundNumber = "RF20261123000001";

// What came of a call, without its value.
struct Told {
    bool believed = false;
    PaymentProvider::Refused refused;
};

template <class Outcome>
Told told(const Outcome& outcome) {
    return {outcome.value.has_value(), outcome.refused};
}

class UnprovenAnswers : public test::AnsweredByWechatPay {
protected:
    struct Call {
        const char* name;
        int status;
        std::string body;    // of a success
        int refusal_status;  // and of a refusal that would be final, or mean something
        const char* refusal_code;
        std::function<Told()> make;
    };
    std::vector<Call> calls() {
        const ProviderOrder order{
            .out_trade_no = kNumber,
            .description = "tea",
            .amount = Money::fen(100),
            .expires_at = clock_.now() + std::chrono::minutes{30}};
        const ProviderRefundOrder refund{
            .out_refund_no = kRefundNumber,
            .out_trade_no = kNumber,
            .transaction_id = "42",
            .amount = Money::fen(30),
            .paid = Money::fen(100),
            .reason = "broken"};
        const auto create = [=, this] { return told(test::run(provider_.create(order))); };
        const auto query = [this] { return told(test::run(provider_.query(kNumber))); };
        const auto close = [this] { return told(test::run(provider_.close(kNumber))); };
        const auto give_back = [=, this] { return told(test::run(provider_.refund(refund))); };
        const auto ask = [=, this] { return told(test::run(provider_.query_refund(refund))); };
        const auto bill = [this](BillKind kind) {
            const auto day = std::chrono::year{2026} / 11 / 20;
            return told(test::run(provider_.download_bill(kind, day, file_)));
        };
        const std::string ticket =
            R"({"hash_type":"SHA1","hash_value":"00","download_url":"https://wechat.test/v3/x"})";
        return {
            {"create", 200, R"({"code_url":"weixin://x"})", 403, "NO_AUTH", create},
            {"query", 200, kPaid, 404, "ORDER_NOT_EXIST", query},
            {"close", 204, "", 400, "ORDERPAID", close},
            {"refund", 200, kRefunded, 403, "NOT_ENOUGH", give_back},
            {"query_refund", 200, kRefunded, 404, "RESOURCE_NOT_EXISTS", ask},
            {"trade bill",
             200,
             ticket,
             400,
             "NO_STATEMENT_EXIST",
             [=] { return bill(BillKind::trade); }},
            {"fund bill", 200, ticket, 400, "NO_STATEMENT_EXIST", [=] {
                 return bill(BillKind::fund);
             }}};
    }

    // The ways in which an answer proves nothing.
    struct Way {
        const char* name;
        std::function<void(OutboundResponse&)> spoil;
    };
    std::vector<Way> ways() {
        const auto set = [](const char* name, const std::string& value) {
            return [=](OutboundResponse& answer) {
                for (auto& [header, text] : answer.headers) {
                    if (header == name) text = value;
                }
            };
        };
        const auto drop = [](const char* name) {
            return [=](OutboundResponse& answer) {
                std::erase_if(answer.headers, [&](const auto& h) { return h.first == name; });
            };
        };
        const auto seconds = [this](int off) {
            return std::to_string(to_milliseconds(clock_.now()) / 1000 + off);
        };
        std::vector<Way> all{
            {"unsigned", [](OutboundResponse& answer) { answer.headers.clear(); }},
            {"signed by a stranger", [this](OutboundResponse& a) { sign(a, Signed::by_stranger); }},
            {"signed by the merchant himself",
             [this](OutboundResponse& answer) {
                 sign_with(
                     answer,
                     test::text_at(test::wechat_keys().at("merchant"), "private_key_pkcs8_pem"),
                     test::text_at(test::wechat_keys().at("public_key_mode"), "id")
                 );
             }},
            {"with another body", [](OutboundResponse& answer) { answer.body += " "; }},
            {"with another nonce", set("Wechatpay-Nonce", "another")},
            {"of another time", set("Wechatpay-Timestamp", seconds(1))},
            {"with a key that is not known", set("Wechatpay-Serial", "PUB_KEY_ID_0")},
            {"of the probe", set("Wechatpay-Signature", "WECHATPAY/SIGNTEST/x")},
            {"without signature", drop("Wechatpay-Signature")},
            {"without time", drop("Wechatpay-Timestamp")},
            {"without nonce", drop("Wechatpay-Nonce")},
            {"without serial", drop("Wechatpay-Serial")},
            {"signed in another manner", [](OutboundResponse& answer) {
                 answer.headers.emplace_back("Wechatpay-Signature-Type", "WECHATPAY2-SHA1-RSA2048");
             }}};
        return all;
    }
    void answer_spoilt(int status, const std::string& body, const Way& way) {
        answers_ = [=, this](const OutboundRequest&) {
            OutboundResponse response = answered(status, body);
            way.spoil(response);
            return response;
        };
    }

    static constexpr auto kPaid =
        R"({"appid":"wx","mchid":"1","out_trade_no":"SK20261122000001","transaction_id":"42",)"
        R"("trade_state":"SUCCESS","trade_state_desc":"x","success_time":"2026-11-22T10:31:00+08:00",)"
        R"("amount":{"total":100,"payer_total":100,"currency":"CNY","payer_currency":"CNY"}})";
    static constexpr auto kRefunded =
        R"({"refund_id":"503","out_refund_no":"RF20261123000001","transaction_id":"42",)"
        R"("out_trade_no":"SK20261122000001","status":"SUCCESS",)"
        R"("success_time":"2026-11-22T10:31:00+08:00","amount":{"total":100,"refund":30,)"
        R"("payer_total":100,"payer_refund":30,"currency":"CNY"}})";
    const std::filesystem::path file_ =
        std::filesystem::temp_directory_path() / ("unproven-" + std::to_string(getpid()));
};

// Else the table below would prove nothing.
TEST_F(UnprovenAnswers, would_be_believed_if_they_were_signed) {
    for (const Call& call : calls()) {
        answer(call.status, call.body);
        const Told is = call.make();
        const bool bill = std::string_view{call.name}.ends_with("bill");
        EXPECT_EQ(is.believed, !bill) << call.name << ' ' << is.refused.code;
        // Of a bill the ticket is believed, and the file asked for.
        EXPECT_TRUE(!bill || http_.requests().size() >= 2) << call.name;
    }
}

TEST_F(UnprovenAnswers, make_nothing_true) {
    for (const Call& call : calls()) {
        for (const Way& way : ways()) {
            answer_spoilt(call.status, call.body, way);
            const std::size_t before = http_.requests().size();
            const Told is = call.make();
            EXPECT_FALSE(is.believed) << call.name << ' ' << way.name;
            EXPECT_FALSE(is.refused.final_answer) << call.name << ' ' << way.name;
            for (std::size_t i = before; i < http_.requests().size(); ++i) {
                EXPECT_EQ(http_.requests()[i].url.find("/v3/x"), std::string::npos)
                    << "no bill is fetched: " << way.name;
            }
            EXPECT_FALSE(std::filesystem::exists(file_)) << call.name << ' ' << way.name;
        }
    }
}

TEST_F(UnprovenAnswers, refuse_nothing_for_good) {
    for (const Call& call : calls()) {
        for (const Way& way : ways()) {
            answer_spoilt(call.refusal_status, error_json(call.refusal_code), way);
            const Told is = call.make();
            EXPECT_FALSE(is.believed) << call.name << ' ' << way.name;
            EXPECT_FALSE(is.refused.final_answer) << call.name << ' ' << way.name;
            EXPECT_FALSE(is.refused.needs_money) << call.name << ' ' << way.name;
        }
    }
}

}  // namespace
}  // namespace doorbuster::wechat_pay
