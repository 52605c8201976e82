#include <gtest/gtest.h>

#include "http/router.hpp"
#include "payments/payment_routes.hpp"
#include "support/refund_world.hpp"
#include "support/route_client.hpp"
#include "support/token_users.hpp"

// What providers tell of refunds. It proves nothing by itself and says when to ask.
namespace doorbuster::refunds {
namespace {

using namespace std::chrono_literals;

class RefundNotifications : public test::RefundWorld {
protected:
    void SetUp() override {
        RefundWorld::SetUp();
        if (IsSkipped()) return;
        router_.add(payments::payment_routes(*payments_));
        router_.add(payments::refund_notification_routes(*payments_, "wechat_pay"));
    }
    void TearDown() override {
        if (!IsSkipped()) expect_clean();
    }
    int post(const std::string& path, const std::string& body, const char* signature = "good") {
        const test::RouteClient::Headers proof{{"Wechatpay-Signature", signature}};
        test::RouteClient provider{router_};
        return provider.post("/api/v1/payments/notifications/" + path, body, proof).status;
    }
    int tell(const std::string& body) { return post("wechat_pay/refunds", body); }
    // Asked for, and taken by the provider.
    RefundId under_way(PaymentId payment) {
        wechat_.refunds_begin_as = Sent::processing;
        const RefundId id = refund(payment, 300)->id;
        work();
        return id;
    }
    void succeed_there(RefundId id) {
        wechat_.refunds.at(get(id).out_refund_no).state = Sent::succeeded;
    }
    std::string told_of(RefundId id) {
        return wechat_.notification_of_refund(get(id).out_refund_no);
    }
    // Of a refund that somebody made in the provider's console.
    std::string told_by_hand(PaymentId) {
        wechat_.refund_by_hand(last_trade(), "BY-HAND", Money::fen(250));
        return wechat_.notification_of_refund("BY-HAND");
    }
    std::int64_t lookups() { return integer("SELECT COUNT(*) FROM refund_lookups"); }
    std::string verdicts() {
        return joined("SELECT verdict FROM payment_notifications ORDER BY id");
    }

    test::TokenUsers users_;
    http::Router router_{users_};
};
DOORBUSTER_ON_BOTH_ENGINES(RefundNotifications);

TEST_P(RefundNotifications, are_kept_with_their_effect) {
    const RefundId id = under_way(paid());
    succeed_there(id);
    EXPECT_EQ(tell(told_of(id)), 204);
    EXPECT_EQ(verdicts(), "paid refund");
    EXPECT_EQ(get(id).next_try_at, clock_.now()) << "it is asked about at once";
    EXPECT_EQ(state(id), "processing");
    work();
    EXPECT_EQ(state(id), "succeeded");
    EXPECT_EQ(told(), "refund.requested refund.succeeded");
}

TEST_P(RefundNotifications, that_come_again_change_nothing) {
    const RefundId id = under_way(paid());
    succeed_there(id);
    const std::string body = told_of(id);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(tell(body), 204);
    work();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(tell(body), 204);
    EXPECT_EQ(tell(told_of(id)), 204) << "the same under another id";
    work();
    EXPECT_EQ(state(id), "succeeded");
    EXPECT_EQ(told(), "refund.requested refund.succeeded");
    EXPECT_EQ(integer("SELECT refunded FROM payments"), 300);
    EXPECT_EQ(verdicts(), "paid refund refund");
}

TEST_P(RefundNotifications, may_come_before_the_answer_to_our_own_call) {
    const PaymentId payment = paid();
    fail_all(wechat_, Fault::no_answer);
    const RefundId id = refund(payment, 300)->id;
    work();
    heal(wechat_);
    ASSERT_EQ(state(id), "processing");
    succeed_there(id);
    EXPECT_EQ(tell(told_of(id)), 204);
    work();
    EXPECT_EQ(state(id), "succeeded");
    EXPECT_EQ(wechat_.refunds.size(), 1u);
    EXPECT_EQ(integer("SELECT refunded FROM payments"), 300);
}

TEST_P(RefundNotifications, that_are_forged_change_and_keep_nothing) {
    const RefundId id = under_way(paid());
    const auto before = get(id).next_try_at;
    const std::string body = told_of(id);
    EXPECT_EQ(post("wechat_pay/refunds", body, "forged"), 401);
    EXPECT_EQ(post("wechat_pay/refunds", "nothing at all"), 401);
    EXPECT_EQ(verdicts(), "paid");
    EXPECT_EQ(get(id).next_try_at, before);
}

TEST_P(RefundNotifications, of_refunds_that_nobody_here_asked_for_are_looked_up) {
    const std::string body = told_by_hand(paid());
    EXPECT_EQ(tell(body), 204);
    EXPECT_EQ(verdicts(), "paid unknown_refund");
    EXPECT_EQ(states(), "");
    work();
    EXPECT_EQ(states(), "succeeded");
    EXPECT_EQ(lookups(), 0);
    EXPECT_EQ(tell(body), 204);
    work();
    EXPECT_EQ(verdicts(), "paid refund");
    EXPECT_EQ(states(), "succeeded");
    EXPECT_EQ(integer("SELECT refunded FROM payments"), 250);
}

TEST_P(RefundNotifications, are_answered_before_the_provider_is_asked) {
    const std::string body = told_by_hand(paid());
    int calls = 0;
    wechat_.fault = [&](std::string_view) {
        ++calls;
        return Fault::lost;
    };
    EXPECT_EQ(tell(body), 204);
    EXPECT_EQ(calls, 0);
    work();
    EXPECT_EQ(calls, 1);
}

TEST_P(RefundNotifications, wait_for_a_provider_that_does_not_answer_and_survive_a_restart) {
    const std::string body = told_by_hand(paid());
    fail_all(wechat_, Fault::lost);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(tell(body), 204) << "told again, it waits once";
    work();
    EXPECT_EQ(lookups(), 1);
    EXPECT_EQ(states(), "");
    heal(wechat_);
    work();
    EXPECT_EQ(states(), "") << "not before ten seconds have passed";
    restart();
    work_after(10s);
    EXPECT_EQ(states(), "succeeded");
    EXPECT_EQ(lookups(), 0);
}

TEST_P(RefundNotifications, that_are_never_found_out_about_are_a_persons_after_two_days) {
    const std::string body = told_by_hand(paid());
    fail_all(wechat_, Fault::lost);
    EXPECT_EQ(tell(body), 204);
    for (int hour = 0; hour < 47; ++hour) work_after(1h);
    EXPECT_EQ(lookups(), 1);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM payment_doubts"), 0);
    for (int hour = 0; hour < 3; ++hour) work_after(1h);
    EXPECT_EQ(lookups(), 0);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM payment_doubts WHERE holds_refunds = 0"), 1);
}

TEST_P(RefundNotifications, of_refunds_that_do_not_exist_there_move_nothing) {
    const PaymentId payment = paid();
    const std::string body = told_by_hand(payment);
    wechat_.refunds.clear();
    EXPECT_EQ(tell(body), 204);
    work();
    EXPECT_EQ(lookups(), 0);
    EXPECT_EQ(states(), "");
    EXPECT_TRUE(refund(payment, 1000).has_value());
}

TEST_P(RefundNotifications, of_money_that_is_set_apart_here_wait_until_it_is_free) {
    const PaymentId payment = paid();
    const std::string body = told_by_hand(payment);
    const RefundId ours = refund(payment, 1000)->id;
    EXPECT_EQ(tell(body), 204);
    const auto ask_first_about = [&](std::string_view call) {
        return call == "refund" ? Fault::refused : Fault::none;
    };
    wechat_.fault = ask_first_about;
    work();
    EXPECT_EQ(lookups(), 1);
    for (int i = 0; i < 6; ++i) work_after(5min);
    EXPECT_EQ(state(ours), "failed");
    work_after(1h);
    EXPECT_EQ(states(), "failed succeeded");
    EXPECT_EQ(lookups(), 0);
}

TEST_P(RefundNotifications, before_we_know_of_the_payment_make_us_ask_about_it) {
    const std::string trade = begin(wechat_);
    wechat_.pay(trade);
    wechat_.refund_by_hand(trade, "BY-HAND", Money::fen(250));
    EXPECT_EQ(tell(wechat_.notification_of_refund("BY-HAND")), 204);
    work();
    EXPECT_EQ(states(), "");
    EXPECT_EQ(integer("SELECT COUNT(*) FROM payments WHERE state = 'paid'"), 0);
    while (test::run(payment_worker_->run_once())) {
    }
    EXPECT_EQ(text("SELECT state FROM payments"), "paid");
    work_after(10s);
    EXPECT_EQ(states(), "succeeded");
}

TEST_P(RefundNotifications, of_trades_that_are_none_of_ours_are_taken_and_kept) {
    paid();
    wechat_.refund_by_hand(last_trade(), "BY-HAND", Money::fen(250));
    const std::string body = wechat_.notification_of_refund("BY-HAND");
    execute("UPDATE payments SET out_trade_no = 'another'");
    EXPECT_EQ(tell(body), 204);
    EXPECT_EQ(verdicts(), "paid refund_of_unknown_order");
    EXPECT_EQ(states(), "");
}

TEST_P(RefundNotifications, have_a_place_of_their_own_where_payments_are_refused) {
    const std::string trade = begin(wechat_);
    wechat_.pay(trade);
    const std::string body = wechat_.notification(trade);
    EXPECT_EQ(tell(body), 401);
    EXPECT_EQ(text("SELECT state FROM payments"), "pending");
    EXPECT_EQ(verdicts(), "");
    EXPECT_EQ(post("wechat_pay", body), 204);
    EXPECT_EQ(text("SELECT state FROM payments"), "paid");
    // Refunds that were asked for with the old address, and Alipay's, are told with the payments.
    const RefundId id = under_way(last_payment());
    succeed_there(id);
    EXPECT_EQ(post("wechat_pay", told_of(id)), 204);
    work();
    EXPECT_EQ(state(id), "succeeded");
    EXPECT_EQ(post("alipay/refunds", body), 404);
}

}  // namespace
}  // namespace doorbuster::refunds
