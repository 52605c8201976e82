// Every notification of the test vectors, from its raw bytes through WeChat Pay's verifier and the
// payment service into the database.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "adapters/wechat_pay/provider.hpp"
#include "payments/payment_service.hpp"
#include "support/manual_clock.hpp"
#include "support/payment_vectors.hpp"
#include "support/run_task.hpp"
#include "support/seeded_random.hpp"
#include "support/test_database.hpp"
#include "support/wechat_pay_fixture.hpp"

namespace doorbuster {
namespace {

// A notification is answered without asking anybody.
class NoNetwork final : public HttpClient {
public:
    Task<OutboundResponse> send(OutboundRequest) override { throw Failed{"no network", false}; }
};

struct State {
    std::string word;
    std::string transaction;
    bool late = false;
    bool suspect = false;
    bool refund_due = false;
    std::string told;
    friend bool operator==(const State&, const State&) = default;
};

class WechatNotifications : public test::DatabaseTest {
protected:
    void forget_everything() {
        // Books are never emptied; here each case begins with new ones.
        const bool sqlite = database().dialect() == sql::Dialect::sqlite;
        execute(
            sqlite ? "DROP TRIGGER IF EXISTS book_entries_not_deleted"
                   : "ALTER TABLE book_entries DISABLE TRIGGER book_entries_not_changed"
        );
        execute("DELETE FROM book_entries");
        for (const char* table :
             {"payment_notifications",
              "payment_doubts",
              "payments",
              "payment_references",
              "outbox"}) {
            execute("DELETE FROM " + std::string{table});
        }
    }

    // What our side has stored before the notification comes.
    void set_up(const boost::json::value& a_case) {
        const auto& order = a_case.at("context").at("order");
        if (order.is_null()) return;
        std::string state = test::text_at(order, "state");
        for (char& c : state) c = static_cast<char>(std::tolower(c));
        const bool closed = state == "closed";
        const bool paid = state == "paid";
        const std::string given_up = closed ? "1, 'closed'"
                                     : paid ? "NULL, 'succeeded'"
                                            : "NULL, NULL";
        execute(
            "INSERT INTO payment_references (app, reference, created_at, given_up_at, answered) "
            "VALUES ('shop', '5001', 0, " +
            given_up + ")"
        );
        const auto& known = order.as_object();
        const std::string transaction =
            known.contains("transaction_id") ? test::text_at(order, "transaction_id") : "before";
        const std::string number = test::text_at(order, "out_trade_no");
        const std::string merchant = test::text_at(order, "provider_mchid");
        const std::string seller = test::text_at(order, "appid");
        const std::int64_t amount = order.at("amount_fen").as_int64();
        execute(
            "INSERT INTO payments (app, reference, owner, provider, merchant, seller, "
            "out_trade_no, state, amount, currency, description, created_at, expires_at, "
            "transaction_id, paid_at) VALUES ('shop', '5001', '42', 'wechat_pay', $1, $2, $3, $4, "
            "$5, 'CNY', 'order', 0, $6, $7, $8)",
            {merchant,
             seller,
             number,
             state,
             amount,
             clock_.now() + std::chrono::minutes{10},
             paid ? std::optional{transaction} : std::nullopt,
             paid ? std::optional{clock_.now()} : std::nullopt}
        );
    }

    State state() {
        if (integer("SELECT count(*) FROM payments") == 0) return {};
        State state;
        state.word = text("SELECT state FROM payments");
        state.transaction = text("SELECT coalesce(transaction_id, '') FROM payments");
        state.late = integer("SELECT late FROM payments") == 1;
        state.suspect = integer("SELECT suspect FROM payments") == 1;
        state.refund_due = integer("SELECT refund_due FROM payments") == 1;
        if (integer("SELECT count(*) FROM outbox") > 0) {
            state.told = text("SELECT topic FROM outbox ORDER BY id DESC LIMIT 1");
        }
        return state;
    }

    int deliver(const boost::json::value& a_case) {
        const Milliseconds away = test::now_of(a_case) - clock_.now();
        clock_.jump(away);
        const auto headers = test::headers_of(a_case);
        const std::string body = test::text_at(a_case, "body");
        return test::run(service_.notified(wechat_, headers, body)).status;
    }

    test::ManualClock clock_;
    test::SeededRandom random_{1};
    NoNetwork network_;
    events::Outbox outbox_{clock_};
    wechat_pay::WechatPay wechat_{test::wechat_config(), network_, clock_, random_};
    payments::PaymentService service_{database(), clock_, random_, outbox_, {&wechat_}};
};
DOORBUSTER_ON_BOTH_ENGINES(WechatNotifications);

// What may change, in the words of the vectors.
State expected_after(
    const State& before, const std::string& effect, const std::string& transaction
) {
    State after = before;
    if (effect == "paid") {
        after.word = "paid";
        after.transaction = transaction;
        after.told = "payment.succeeded";
    } else if (effect == "paid_late_refund_started") {
        after.word = "paid";
        after.late = true;
        after.refund_due = true;
        after.told = "payment.refund_due";
    } else if (effect == "rejected_amount" || effect == "rejected_owner") {
        after.suspect = true;
    }
    return after;
}

bool as_expected(int status, const std::string& words) {
    if (words == "2xx") return status / 100 == 2;
    if (words == "4xx/5xx") return status / 100 == 4 || status / 100 == 5;
    return words == "any";
}

TEST_P(WechatNotifications, of_the_vectors_have_exactly_the_effect_that_they_name) {
    int seen = 0;
    for (const auto& a_case : test::payment_cases("wechat-notify")) {
        const std::string name = test::text_at(a_case, "name");
        SCOPED_TRACE(name);
        const auto& object = a_case.as_object();
        const bool follows_another =
            object.contains("note") && test::text_at(a_case, "note").starts_with("idempotent");
        if (!follows_another) {
            forget_everything();
            set_up(a_case);
        }
        const auto& expected = a_case.at("expected").as_object();
        std::string effect = test::text_at(a_case.at("expected"), "effect");
        // Refunds are stored and answered; they never move a payment.
        if (a_case.at("context").as_object().contains("refund")) effect = "none";
        const std::string transaction = expected.contains("transaction_id")
                                            ? test::text_at(a_case.at("expected"), "transaction_id")
                                            : "4200002214202611229384756102";
        const State before = state();
        const int status = deliver(a_case);
        State wanted = expected_after(before, effect, transaction);
        if (effect == "paid_late_refund_started") wanted.transaction = transaction;
        EXPECT_TRUE(as_expected(status, test::text_at(a_case.at("expected"), "reply_status")))
            << "answered " << status;
        EXPECT_EQ(state(), wanted) << state().word << ' ' << state().told;
        if (effect.starts_with("rejected")) {
            EXPECT_GE(status, 400);
            EXPECT_EQ(integer("SELECT count(*) FROM payment_notifications"), 1) << "not stored";
        }
        ++seen;
    }
    EXPECT_EQ(seen, 20);
}

TEST_P(WechatNotifications, that_were_touched_on_the_way_change_nothing) {
    const auto& a_case = test::payment_cases("wechat-notify").front();
    set_up(a_case);
    clock_.jump(test::now_of(a_case) - clock_.now());
    const auto headers = test::headers_of(a_case);
    const std::string body = test::text_at(a_case, "body");
    const State before = state();
    for (std::size_t at = 0; at < body.size(); at += 37) {
        std::string touched = body;
        touched[at] = static_cast<char>(touched[at] ^ 1);
        EXPECT_EQ(test::run(service_.notified(wechat_, headers, touched)).status, 401);
    }
    clock_.jump(std::chrono::minutes{6});
    EXPECT_EQ(test::run(service_.notified(wechat_, headers, body)).status, 401) << "stale";
    EXPECT_EQ(state(), before);
    EXPECT_EQ(integer("SELECT count(*) FROM payment_notifications"), 0);
}

}  // namespace
}  // namespace doorbuster
