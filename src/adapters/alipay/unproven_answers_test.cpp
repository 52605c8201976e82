#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "support/alipay_world.hpp"

// Whatever an answer says: one that Alipay did not sign decides nothing, of any call. (`create` and
// pages make no call.)
namespace doorbuster::alipay {
namespace {

struct Told {
    bool believed = false;
    PaymentProvider::Refused refused;
};

template <class Outcome>
Told told(const Outcome& outcome) {
    return {outcome.value.has_value(), outcome.refused};
}

class UnprovenAnswers : public test::AlipayWorld {
protected:
    struct Call {
        const char* node;
        std::string success;
        const char* refusal_code;  // one that would be final, or mean something
        std::function<Told()> make;
    };
    std::vector<Call> calls() {
        const ProviderRefundOrder refund{
            .out_refund_no = "RF1",
            .out_trade_no = "SK20261122000001",
            .transaction_id = "42",
            .amount = Money::fen(30),
            .paid = Money::fen(8888),
            .reason = "broken"};
        const auto query = [this] { return told(test::run(provider_.query("SK20261122000001"))); };
        const auto close = [this] { return told(test::run(provider_.close("SK20261122000001"))); };
        const auto give_back = [=, this] { return told(test::run(provider_.refund(refund))); };
        const auto ask = [=, this] { return told(test::run(provider_.query_refund(refund))); };
        const auto bill = [this](BillKind kind) {
            const auto day = std::chrono::year{2026} / 11 / 20;
            return told(test::run(provider_.download_bill(kind, day, file_)));
        };
        const std::string ticket =
            R"({"code":"10000","bill_download_url":"https://gateway.alipay.test/x"})";
        constexpr auto kBill = "alipay_data_dataservice_bill_downloadurl_query_response";
        return {
            {"alipay_trade_query_response",
             R"({"code":"10000","out_trade_no":"SK20261122000001","trade_no":"42",)"
             R"("trade_status":"TRADE_SUCCESS","total_amount":"88.88",)"
             R"("send_pay_date":"2026-11-22 09:00:00"})",
             "ACQ.TRADE_NOT_EXIST",
             query},
            {"alipay_trade_close_response",
             R"({"code":"10000","out_trade_no":"SK20261122000001","trade_no":"42"})",
             "ACQ.TRADE_STATUS_ERROR",
             close},
            {"alipay_trade_refund_response",
             R"({"code":"10000","fund_change":"Y","out_trade_no":"SK20261122000001",)"
             R"("refund_fee":"0.30","trade_no":"42"})",
             "ACQ.SELLER_BALANCE_NOT_ENOUGH",
             give_back},
            {"alipay_trade_fastpay_refund_query_response",
             R"({"code":"10000","out_request_no":"RF1","out_trade_no":"SK20261122000001",)"
             R"("refund_amount":"0.30","refund_status":"REFUND_SUCCESS","trade_no":"42"})",
             "ACQ.TRADE_NOT_EXIST",
             ask},
            {kBill, ticket, "isp.bill_not_exist", [=] { return bill(BillKind::trade); }},
            {kBill, ticket, "isp.bill_not_exist", [=] { return bill(BillKind::fund); }}};
    }

    // The ways in which an answer proves nothing.
    struct Way {
        const char* name;
        std::function<std::string(const Call&, const std::string& node)> body;
    };
    static std::vector<Way> ways() {
        const auto by = [](const char* whose) {
            return [=](const Call& call, const std::string& node) {
                return test::alipay_answer(call.node, node, whose);
            };
        };
        const auto signature = [](const std::string& sign) {
            return [=](const Call& call, const std::string& node) {
                return std::string{"{\""} + call.node + "\":" + node + ",\"sign\":\"" + sign +
                       "\"}";
            };
        };
        return {
            {"unsigned",
             [](const Call& call, const std::string& node) {
                 return std::string{"{\""} + call.node + "\":" + node + "}";
             }},
            {"signed by a stranger", by("stranger")},
            {"signed by the application itself", by("app")},
            {"with an empty signature", signature("")},
            {"with a signature of something else", signature(test::alipay_signature("{}"))},
            {"with what is no signature", signature("%%%")},
            {"with another node",
             [](const Call& call, const std::string& node) {
                 std::string body = test::alipay_answer(call.node, node);
                 return body.insert(body.find(":{") + 2, " ");
             }},
            {"signed under another name",
             [](const Call&, const std::string& node) {
                 return test::alipay_answer("alipay_open_app_response", node);
             }},
            {"that is an error of the gateway",
             [](const Call&, const std::string& node) {
                 return "{\"error_response\":" + node + "}";
             }},
        };
    }

    const std::filesystem::path file_ =
        std::filesystem::temp_directory_path() / ("unproven-alipay-" + std::to_string(getpid()));
};

// Else the table below would prove nothing.
TEST_F(UnprovenAnswers, would_be_believed_if_they_were_signed) {
    for (const Call& call : calls()) {
        answer(call.node, call.success);
        const bool bill = std::string_view{call.node}.find("bill") != std::string_view::npos;
        const std::size_t before = http_.requests().size();
        const Told is = call.make();
        EXPECT_EQ(is.believed, !bill) << call.node << ' ' << is.refused.code;
        // Of a bill the address is believed, and the file asked for.
        EXPECT_TRUE(!bill || http_.requests().size() - before >= 2) << call.node;
    }
}

TEST_F(UnprovenAnswers, make_nothing_true) {
    for (const Call& call : calls()) {
        for (const Way& way : ways()) {
            answer_status(200, way.body(call, call.success));
            const std::size_t before = http_.requests().size();
            const Told is = call.make();
            EXPECT_FALSE(is.believed) << call.node << ' ' << way.name;
            EXPECT_FALSE(is.refused.final_answer) << call.node << ' ' << way.name;
            EXPECT_EQ(http_.requests().size() - before, 1u) << "no bill is fetched: " << way.name;
            EXPECT_FALSE(std::filesystem::exists(file_)) << call.node << ' ' << way.name;
        }
    }
}

TEST_F(UnprovenAnswers, refuse_nothing_for_good) {
    for (const Call& call : calls()) {
        for (const Way& way : ways()) {
            answer_status(200, way.body(call, failure(call.refusal_code)));
            const Told is = call.make();
            EXPECT_FALSE(is.believed) << call.node << ' ' << way.name;
            EXPECT_FALSE(is.refused.final_answer) << call.node << ' ' << way.name;
            EXPECT_FALSE(is.refused.needs_money) << call.node << ' ' << way.name;
        }
    }
}

}  // namespace
}  // namespace doorbuster::alipay
