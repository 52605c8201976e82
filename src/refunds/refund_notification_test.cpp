#include <gtest/gtest.h>

#include "http/router.hpp"
#include "payments/payment_routes.hpp"
#include "support/refund_world.hpp"
#include "support/route_client.hpp"
#include "support/token_users.hpp"

// What providers tell of refunds. It proves nothing by itself and says when to ask.
namespace doorbuster::refunds {
namespace {

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
    paid();
    wechat_.refund_by_hand(last_trade(), "BY-HAND", Money::fen(250));
    const std::string body = wechat_.notification_of_refund("BY-HAND");
    EXPECT_EQ(tell(body), 204);
    EXPECT_EQ(verdicts(), "paid refund_looked_up");
    EXPECT_EQ(states(), "succeeded");
    EXPECT_EQ(tell(body), 204);
    EXPECT_EQ(states(), "succeeded");
    EXPECT_EQ(integer("SELECT refunded FROM payments"), 250);
}

TEST_P(RefundNotifications, that_cannot_be_looked_up_now_are_kept_and_told_again) {
    paid();
    wechat_.refund_by_hand(last_trade(), "BY-HAND", Money::fen(250));
    const std::string body = wechat_.notification_of_refund("BY-HAND");
    fail_all(wechat_, Fault::lost);
    EXPECT_EQ(tell(body), 503);
    EXPECT_EQ(verdicts(), "paid unknown_refund");
    EXPECT_EQ(states(), "");
    heal(wechat_);
    EXPECT_EQ(tell(body), 204);
    EXPECT_EQ(verdicts(), "paid refund_looked_up");
    EXPECT_EQ(states(), "succeeded");
}

TEST_P(RefundNotifications, of_refunds_that_do_not_exist_there_move_nothing) {
    const PaymentId payment = paid();
    ProviderRefund told_there;
    wechat_.refund_by_hand(last_trade(), "GONE", Money::fen(250));
    const std::string body = wechat_.notification_of_refund("GONE");
    wechat_.refunds.clear();
    EXPECT_EQ(tell(body), 204);
    EXPECT_EQ(states(), "");
    EXPECT_TRUE(refund(payment, 1000).has_value());
}

TEST_P(RefundNotifications, before_we_know_of_the_payment_make_us_ask_about_it) {
    const std::string trade = begin(wechat_);
    wechat_.pay(trade);
    wechat_.refund_by_hand(trade, "BY-HAND", Money::fen(250));
    const std::string body = wechat_.notification_of_refund("BY-HAND");
    EXPECT_EQ(tell(body), 503) << "to be told again";
    EXPECT_EQ(integer("SELECT COUNT(*) FROM payments WHERE state = 'paid'"), 0);
    while (test::run(payment_worker_->run_once())) {
    }
    EXPECT_EQ(text("SELECT state FROM payments"), "paid");
    EXPECT_EQ(tell(body), 204);
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
