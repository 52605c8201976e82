#include <gtest/gtest.h>

#include "http/router.hpp"
#include "payments/doubt_routes.hpp"
#include "payments/doubts.hpp"
#include "support/refund_world.hpp"
#include "support/route_client.hpp"
#include "support/token_users.hpp"

// Refunds of a payment that a person must look at first.
namespace doorbuster::refunds {
namespace {

using test::Reply;

class HeldRefunds : public test::RefundWorld {
protected:
    void SetUp() override {
        test::RefundWorld::SetUp();
        if (IsSkipped()) return;
        deps_.emplace(payments::DoubtRoutesDeps{database(), audit_log_, clock_});
        router_.add(payments::doubt_routes(*deps_));
    }
    void TearDown() override {
        if (!IsSkipped()) expect_clean();
    }
    void doubt(PaymentId payment) { test::run(payments_->doubt(payment, "a bill differs")); }
    Reply resolve(const std::string& id, const std::string& body = R"({"note":"looked at it"})") {
        return finance_.post(kDoubts + ("/" + id) + "/resolve", body);
    }
    std::string open_doubt() {
        return text("SELECT CAST(id AS TEXT) FROM payment_doubts WHERE resolved_at IS NULL");
    }
    static constexpr const char* kDoubts = "/api/admin/v1/payment-doubts";

    events::AuditLog audit_log_{clock_};
    std::optional<payments::DoubtRoutesDeps> deps_;
    test::TokenUsers users_;
    http::Router router_{users_};
    test::RouteClient guest_{router_};
    test::RouteClient finance_ = guest_.as("7-finance");
};
DOORBUSTER_ON_BOTH_ENGINES(HeldRefunds);

TEST_P(HeldRefunds, are_stored_and_not_sent_until_somebody_has_looked) {
    const PaymentId payment = paid();
    doubt(payment);
    const RefundId id = refund(payment, 300)->id;
    work();
    work_after(std::chrono::hours{1});
    EXPECT_EQ(wechat_.calls["refund"], 0);
    EXPECT_EQ(state(id), "requested");
    EXPECT_EQ(get(id).failure, "held: its payment is in doubt");
    EXPECT_EQ(integer("SELECT refund_reserved FROM payments"), 300);
    ASSERT_EQ(resolve(open_doubt()).status, 200);
    work_after(std::chrono::minutes{10});
    EXPECT_EQ(state(id), "succeeded");
    EXPECT_EQ(wechat_.calls["refund"], 1);
}

TEST_P(HeldRefunds, of_money_that_goes_back_by_itself_wait_too) {
    const PaymentId payment = paid_late();
    doubt(payment);
    work_after(std::chrono::minutes{30});
    EXPECT_EQ(states(), "requested");
    EXPECT_EQ(wechat_.calls["refund"], 0);
    resolve(open_doubt());
    work_after(std::chrono::minutes{10});
    EXPECT_EQ(states(), "succeeded");
}

TEST_P(HeldRefunds, that_the_provider_has_heard_of_go_on) {
    const PaymentId payment = paid();
    wechat_.refunds_begin_as = ProviderRefund::State::processing;
    const RefundId id = refund(payment, 300)->id;
    work();
    doubt(payment);
    wechat_.refunds.begin()->second.state = ProviderRefund::State::succeeded;
    work_after(std::chrono::minutes{1});
    EXPECT_EQ(state(id), "succeeded");
}

// A notification with another amount is a lie of somebody with the provider's key, or a mistake
// there; what the provider says when it is asked decides, and refunds need not wait.
TEST_P(HeldRefunds, are_not_held_by_a_notification_that_does_not_match) {
    const PaymentId payment = paid();
    ProviderTrade trade = wechat_.trade(last_trade());
    trade.amount = Money::fen(1);
    notify(wechat_, wechat_.notification(trade));
    ASSERT_NE(open_doubt(), "");
    const RefundId id = refund(payment, 300)->id;
    work();
    EXPECT_EQ(state(id), "succeeded");
}

TEST_P(HeldRefunds, call_a_person_after_a_day_like_others) {
    const PaymentId payment = paid();
    doubt(payment);
    const RefundId id = refund(payment, 300)->id;
    work_after(std::chrono::hours{25});
    EXPECT_TRUE(get(id).stuck);
    EXPECT_EQ(state(id), "requested");
}

TEST_P(HeldRefunds, show_their_reasons_to_staff_once_each) {
    const PaymentId payment = paid();
    doubt(payment);
    doubt(payment);
    const Reply list = finance_.get(std::string{kDoubts} + "?open=true");
    ASSERT_EQ(list.status, 200);
    EXPECT_EQ(list.integer("/data/total"), 1);
    EXPECT_EQ(list.text("/data/list/0/payment_id"), payment.to_string());
    EXPECT_EQ(list.text("/data/list/0/reason"), "a bill differs");
    EXPECT_EQ(list.text("/data/list/0/holds_refunds"), "true");
    EXPECT_EQ(list.text("/data/list/0/raised_at"), to_rfc3339(clock_.now()));
    EXPECT_EQ(list.text("/data/list/0/resolved_at"), "null");
}

TEST_P(HeldRefunds, are_freed_by_a_note_that_stays) {
    doubt(paid());
    const std::string id = open_doubt();
    const Reply done = resolve(id);
    EXPECT_EQ(done.text("/data/resolution"), "looked at it");
    EXPECT_EQ(done.text("/data/resolved_by"), "7");
    EXPECT_EQ(finance_.get(std::string{kDoubts} + "?open=true").integer("/data/total"), 0);
    EXPECT_EQ(finance_.get(kDoubts).integer("/data/total"), 1);
    EXPECT_EQ(text("SELECT action FROM audit_log"), "payment.doubt_resolved");
    EXPECT_EQ(text("SELECT detail FROM audit_log"), "looked at it");
    const Reply again = resolve(id);
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(again.error(), "doubt_settled");
    // What is told anew is a new doubt.
    doubt(last_payment());
    EXPECT_NE(open_doubt(), id);
}

TEST_P(HeldRefunds, are_freed_by_staff_with_the_right_and_a_note_only) {
    doubt(paid());
    const std::string path = std::string{kDoubts} + "/" + open_doubt() + "/resolve";
    EXPECT_EQ(guest_.post(path, R"({"note":"x"})").status, 401);
    EXPECT_EQ(guest_.as("42").post(path, R"({"note":"x"})").status, 403);
    EXPECT_EQ(guest_.as("42").get(kDoubts).status, 403);
    EXPECT_EQ(resolve(open_doubt(), R"({"note":""})").status, 422);
    EXPECT_EQ(resolve(open_doubt(), "{}").status, 422);
    EXPECT_EQ(resolve("99").error(), "doubt_not_found");
    EXPECT_EQ(resolve("x").status, 404);
    EXPECT_NE(open_doubt(), "");
}

}  // namespace
}  // namespace doorbuster::refunds
