#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <map>

#include "adapters/wechat_pay/messages.hpp"
#include "adapters/wechat_pay/provider.hpp"
#include "core/random.hpp"
#include "support/manual_clock.hpp"
#include "support/scripted_http_client.hpp"
#include "support/seeded_random.hpp"
#include "support/wechat_pay_fixture.hpp"

// Whole notifications, from raw bytes to what the payment side is told. What a notification does to
// a payment is the payment side's to test.
namespace doorbuster::wechat_pay {
namespace {

using test::text_at;
using State = ProviderTrade::State;

class Notifications : public testing::Test {
protected:
    std::optional<ProviderNotification> verify(const boost::json::value& a_case) {
        return verify(test::headers_of(a_case), text_at(a_case, "body"), test::now_of(a_case));
    }
    std::optional<ProviderNotification> verify(
        const PaymentProvider::Headers& headers, std::string_view body, Time now
    ) {
        reason_.clear();
        return provider_.verify_notification(headers, body, now, reason_);
    }

    test::ManualClock clock_;
    test::SeededRandom random_{1};
    test::ScriptedHttpClient http_{[](const OutboundRequest&) -> OutboundResponse {
        throw HttpClient::Failed{"nobody is asked", false};
    }};
    WechatPay provider_{test::wechat_config(), http_, clock_, random_};
    std::string reason_;
};

// The trade that the plaintext of a case tells, read without the code under test.
ProviderTrade expected_trade(const boost::json::value& a_case) {
    const auto plain = boost::json::parse(text_at(a_case, "plaintext"));
    const auto& amount = plain.at("amount").as_object();
    ProviderTrade trade;
    trade.state = text_at(plain, "trade_state") == "SUCCESS" ? State::paid : State::not_paid;
    trade.out_trade_no = text_at(plain, "out_trade_no");
    trade.merchant = text_at(plain, "mchid");
    trade.seller = text_at(plain, "appid");
    trade.transaction_id = text_at(plain, "transaction_id");
    trade.amount = Money::fen(amount.at("total").as_int64());
    trade.currency = text_at(plain.at("amount"), "currency");
    trade.paid_at = from_rfc3339(text_at(plain, "success_time"));
    return trade;
}

void expect_refund(const ProviderRefund& refund, const boost::json::value& a_case) {
    const auto plain = boost::json::parse(text_at(a_case, "plaintext"));
    const std::map<std::string, ProviderRefund::State> states{
        {"SUCCESS", ProviderRefund::State::succeeded},
        {"CLOSED", ProviderRefund::State::failed},
        {"ABNORMAL", ProviderRefund::State::abnormal}};
    const std::string name = text_at(a_case, "name");
    EXPECT_EQ(refund.state, states.at(text_at(plain, "refund_status"))) << name;
    EXPECT_EQ(refund.out_refund_no, text_at(plain, "out_refund_no")) << name;
    EXPECT_EQ(refund.refund_id, text_at(plain, "refund_id")) << name;
    EXPECT_EQ(refund.out_trade_no, text_at(plain, "out_trade_no")) << name;
    EXPECT_EQ(refund.transaction_id, text_at(plain, "transaction_id")) << name;
    EXPECT_EQ(refund.amount->fen(), plain.at("amount").at("refund").as_int64()) << name;
}

TEST_F(Notifications, of_every_case_of_the_vectors_are_refused_or_read_as_they_are) {
    const auto& cases = test::payment_cases("wechat-notify");
    ASSERT_EQ(cases.size(), 20u);
    int payments = 0;
    int refunds = 0;
    for (const auto& a_case : cases) {
        const std::string name = text_at(a_case, "name");
        const auto notification = verify(a_case);
        const bool refused = text_at(a_case.at("expected"), "reply_status") == "4xx/5xx";
        ASSERT_EQ(notification.has_value(), !refused) << name << ": " << reason_;
        if (refused) continue;

        const auto body = boost::json::parse(text_at(a_case, "body"));
        EXPECT_EQ(notification->id, text_at(body, "id")) << name;
        const bool is_payment = text_at(body, "event_type") == "TRANSACTION.SUCCESS";
        EXPECT_EQ(notification->is_payment, is_payment) << name;
        const bool is_refund = text_at(body, "event_type").starts_with("REFUND.");
        EXPECT_EQ(notification->refund.has_value(), is_refund) << name;
        if (is_refund) ++refunds, expect_refund(*notification->refund, a_case);
        if (!is_payment) continue;

        ++payments;
        const ProviderTrade expected = expected_trade(a_case);
        const ProviderTrade& trade = notification->trade;
        EXPECT_EQ(trade.out_trade_no, expected.out_trade_no) << name;
        EXPECT_EQ(trade.merchant, expected.merchant) << name;
        EXPECT_EQ(trade.seller, expected.seller) << name;
        EXPECT_EQ(trade.state, expected.state) << name;
        if (trade.state != State::paid) continue;
        EXPECT_EQ(trade.transaction_id, expected.transaction_id) << name;
        EXPECT_EQ(trade.amount, expected.amount) << name;
        EXPECT_EQ(trade.currency, expected.currency) << name;
        EXPECT_EQ(trade.paid_at, expected.paid_at) << name;
    }
    EXPECT_EQ(payments, 13);
    EXPECT_EQ(refunds, 5);
}

TEST_F(Notifications, are_refused_when_the_signature_cases_say_so) {
    for (const auto& a_case : test::payment_cases("wechat-verify")) {
        EXPECT_FALSE(verify(a_case)) << "an answer is no notification: " << text_at(a_case, "name");
        const std::string expected = text_at(a_case, "expected");
        EXPECT_EQ(reason_, expected == "ok" ? "malformed" : expected);
    }
}

TEST_F(Notifications, outside_the_five_minutes_are_refused) {
    const auto& a_case = test::payment_cases("wechat-notify").at(0);
    const auto headers = test::headers_of(a_case);
    const std::string body = text_at(a_case, "body");
    const Time sent = test::now_of(a_case) - std::chrono::seconds{1};
    EXPECT_TRUE(verify(headers, body, sent + std::chrono::seconds{299}));
    EXPECT_FALSE(verify(headers, body, sent + std::chrono::seconds{300}));
    EXPECT_TRUE(verify(headers, body, sent - std::chrono::seconds{299}));
    EXPECT_FALSE(verify(headers, body, sent - std::chrono::seconds{300}));
}

TEST_F(Notifications, all_refusals_are_answered_alike_and_replies_are_the_documented_ones) {
    EXPECT_EQ(provider_.reply_accepted().status, 200);
    EXPECT_EQ(provider_.reply_refused().status, 401);
    EXPECT_EQ(provider_.reply_try_again().status, 503);
    for (const auto& reply : {provider_.reply_refused(), provider_.reply_try_again()}) {
        EXPECT_EQ(reply.body, R"({"code":"FAIL","message":"失败"})");
        EXPECT_EQ(reply.content_type, "application/json");
    }
}

// One random change of some bytes.
std::string mutated(std::string text, Random& random) {
    const auto at = text.empty() ? 0 : random.next_u64() % text.size();
    const char byte = static_cast<char>(random.next_u64());
    switch (random.next_u64() % 6) {
        case 0:
            if (!text.empty()) text[at] = byte;
            break;
        case 1:
            text.insert(at, 1, byte);
            break;
        case 2:
            text.erase(at, 1 + random.next_u64() % 8);
            break;
        case 3:
            text.resize(at);
            break;
        case 4:
            text += text.substr(at);
            break;
        default:
            if (!text.empty()) text[at] = static_cast<char>(text[at] ^ 1 << random.next_u64() % 8);
    }
    return text;
}

bool same(const ProviderNotification& a, const ProviderNotification& b) {
    return a.id == b.id && a.is_payment == b.is_payment && a.trade.state == b.trade.state &&
           a.trade.out_trade_no == b.trade.out_trade_no && a.trade.amount == b.trade.amount &&
           a.trade.transaction_id == b.trade.transaction_id &&
           a.trade.merchant == b.trade.merchant && a.trade.seller == b.trade.seller;
}

TEST_F(Notifications, twenty_thousand_mutations_are_each_refused_or_change_nothing) {
    const auto& cases = test::payment_cases("wechat-notify");
    test::SeededRandom random{20261123};
    int harmless = 0;
    for (int i = 0; i < 20'000; ++i) {
        const auto& a_case = cases.at(random.next_u64() % cases.size());
        const auto original = verify(a_case);
        auto headers = test::headers_of(a_case);
        std::string body = text_at(a_case, "body");
        const auto part = random.next_u64() % (2 * headers.size() + 2);
        if (part < headers.size()) {
            headers[part].second = mutated(headers[part].second, random);
        } else if (part < 2 * headers.size()) {
            headers[part - headers.size()].first =
                mutated(headers[part - headers.size()].first, random);
        } else {
            body = mutated(body, random);
        }
        const auto notification = verify(headers, body, test::now_of(a_case));
        if (!notification) continue;
        ++harmless;  // it touched what is not signed, such as Request-ID, or nothing
        ASSERT_TRUE(original && same(*notification, *original)) << "mutation " << i;
    }
    EXPECT_LT(harmless, 8'000);
}

// Behind a valid signature, too: the readers must stand whatever a signed message holds.
TEST_F(Notifications, mutated_messages_never_break_their_readers) {
    test::SeededRandom random{7};
    const auto& cases = test::payment_cases("wechat-notify");
    for (int i = 0; i < 20'000; ++i) {
        const auto& a_case = cases.at(random.next_u64() % cases.size());
        std::string plain = mutated(text_at(a_case, "plaintext"), random);
        if (i % 2 == 0) plain = mutated(std::move(plain), random);
        const auto trade = parse_transaction(plain);
        if (trade && trade->state == State::paid) {
            EXPECT_FALSE(trade->amount.is_negative());
            EXPECT_FALSE(trade->transaction_id.empty());
        }
        const auto envelope = parse_notification(mutated(text_at(a_case, "body"), random));
        EXPECT_FALSE(envelope && envelope->id.empty());
        EXPECT_LE(parse_failure(plain).code.size(), 64u);
    }
}

}  // namespace
}  // namespace doorbuster::wechat_pay
