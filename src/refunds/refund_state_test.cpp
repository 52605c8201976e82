#include "refunds/refund_state.hpp"

#include <gtest/gtest.h>

#include <array>

#include "refunds/refund.hpp"

namespace doorbuster::refunds {
namespace {

using State = RefundState;
using Fact = RefundFact;

constexpr std::array kStates{
    State::requested, State::processing, State::succeeded, State::failed, State::abnormal};

struct Row {
    Fact fact;
    // requested, processing, succeeded, failed, abnormal
    std::array<State, 5> next;
};

// The whole table.
constexpr auto kRequested = State::requested;
constexpr auto kProcessing = State::processing;
constexpr auto kSucceeded = State::succeeded;
constexpr auto kFailed = State::failed;
constexpr auto kAbnormal = State::abnormal;
constexpr std::array kTable{
    Row{Fact::about_to_ask, {kProcessing, kProcessing, kSucceeded, kFailed, kAbnormal}},
    Row{Fact::taken, {kProcessing, kProcessing, kSucceeded, kFailed, kAbnormal}},
    Row{Fact::no_answer, {kProcessing, kProcessing, kSucceeded, kFailed, kAbnormal}},
    Row{Fact::refused, {kProcessing, kProcessing, kSucceeded, kFailed, kAbnormal}},
    Row{Fact::verified_succeeded, {kSucceeded, kSucceeded, kSucceeded, kSucceeded, kSucceeded}},
    Row{Fact::verified_failed, {kFailed, kFailed, kSucceeded, kFailed, kFailed}},
    Row{Fact::verified_abnormal, {kAbnormal, kAbnormal, kSucceeded, kFailed, kAbnormal}},
    Row{Fact::refusal_confirmed, {kFailed, kFailed, kSucceeded, kFailed, kAbnormal}},
    Row{Fact::mismatch, {kRequested, kProcessing, kSucceeded, kFailed, kAbnormal}}};

TEST(RefundState, follows_the_table) {
    for (const Row& row : kTable) {
        for (std::size_t i = 0; i < kStates.size(); ++i) {
            EXPECT_EQ(decide(kStates[i], row.fact, {}).state, row.next[i])
                << to_string(kStates[i]) << ", fact " << static_cast<int>(row.fact);
        }
    }
}

TEST(RefundState, never_leaves_a_success) {
    for (const Row& row : kTable) EXPECT_EQ(decide(kSucceeded, row.fact, {}).state, kSucceeded);
}

TEST(RefundState, keeps_a_failed_refund_failed_when_its_amount_is_taken) {
    const auto decision = decide(kFailed, Fact::verified_succeeded, {.amount_is_free = false});
    EXPECT_EQ(decision, (RefundDecision{kFailed, true}));
}

TEST(RefundState, calls_a_person_when_something_goes_wrong) {
    EXPECT_TRUE(decide(kProcessing, Fact::verified_failed, {}).alarm);
    EXPECT_TRUE(decide(kProcessing, Fact::refusal_confirmed, {}).alarm);
    EXPECT_TRUE(decide(kProcessing, Fact::verified_abnormal, {}).alarm);
    EXPECT_TRUE(decide(kFailed, Fact::verified_succeeded, {}).alarm);
    EXPECT_TRUE(decide(kProcessing, Fact::mismatch, {}).alarm);
    EXPECT_FALSE(decide(kProcessing, Fact::verified_succeeded, {}).alarm);
    EXPECT_FALSE(decide(kAbnormal, Fact::verified_abnormal, {}).alarm) << "told before";
}

TEST(RefundState, has_words_that_read_back) {
    for (const State state : kStates) EXPECT_EQ(refund_state_from(to_string(state)), state);
    EXPECT_EQ(refund_state_from("gone"), std::nullopt);
}

class Refunded : public testing::Test {
protected:
    RefundFact fact(ProviderRefund::State state, std::string number = {}) const {
        ProviderRefund told;
        told.state = state;
        told.refund_id = std::move(number);
        return fact_of(refund_, told, now_);
    }
    const Time now_ = from_milliseconds(1'790'000'000'000);
    Refund refund_;
};

TEST_F(Refunded, is_not_given_up_because_the_provider_knows_nothing_of_it) {
    EXPECT_EQ(fact(ProviderRefund::State::not_exist), Fact::no_answer);
    EXPECT_EQ(fact(ProviderRefund::State::processing), Fact::taken);
}

TEST_F(Refunded, is_given_up_a_minute_after_a_refusal_that_the_provider_confirms) {
    refund_.refused_at = now_ - kRefusalStandsAfter + Milliseconds{1};
    EXPECT_EQ(fact(ProviderRefund::State::not_exist), Fact::no_answer);
    EXPECT_EQ(fact(ProviderRefund::State::processing), Fact::no_answer);
    refund_.refused_at = now_ - kRefusalStandsAfter;
    EXPECT_EQ(fact(ProviderRefund::State::not_exist), Fact::refusal_confirmed);
    EXPECT_EQ(fact(ProviderRefund::State::processing), Fact::refusal_confirmed);
    EXPECT_EQ(fact(ProviderRefund::State::processing, "50001"), Fact::taken)
        << "it has a number there";
    EXPECT_EQ(fact(ProviderRefund::State::succeeded), Fact::verified_succeeded);
}

TEST_F(Refunded, is_asked_about_at_growing_distances_for_ever) {
    using std::chrono::seconds;
    refund_.state = kProcessing;
    for (const int distance : {10, 60, 300, 1800, 3600, 3600, 3600}) {
        ++refund_.tries;
        EXPECT_EQ(next_try(refund_, now_), now_ + seconds{distance});
    }
    refund_.state = kAbnormal;
    EXPECT_EQ(next_try(refund_, now_), now_ + std::chrono::hours{24});
    refund_.state = kSucceeded;
    EXPECT_EQ(next_try(refund_, now_), std::nullopt);
}

TEST_F(Refunded, of_another_amount_or_number_is_not_this_one) {
    refund_.out_refund_no = "T1R1";
    refund_.amount = Money::fen(5);
    ProviderRefund told;
    told.state = ProviderRefund::State::succeeded;
    told.out_refund_no = "T1R1";
    EXPECT_EQ(mismatch_of(refund_, told), "");
    told.amount = Money::fen(5);
    EXPECT_EQ(mismatch_of(refund_, told), "");
    told.amount = Money::fen(6);
    EXPECT_EQ(mismatch_of(refund_, told), "amount");
    told.out_refund_no = "T1R2";
    EXPECT_EQ(mismatch_of(refund_, told), "number");
}

}  // namespace
}  // namespace doorbuster::refunds
