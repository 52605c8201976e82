#include "payments/payment_state.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace doorbuster::payments {
namespace {

using State = PaymentState;
using Fact = PaymentFact;

constexpr std::array kStates{
    State::created, State::pending, State::closing, State::closed, State::failed, State::paid};
constexpr std::array kFacts{
    Fact::code_received,
    Fact::create_refused,
    Fact::create_unknown,
    Fact::verified_success,
    Fact::verified_not_paid,
    Fact::verified_closed,
    Fact::verified_refunded,
    Fact::verified_not_exist,
    Fact::give_up,
    Fact::close_accepted,
    Fact::close_refused_paid,
    Fact::mismatch};

// "pending +code", "closing ?close", "paid +late": the state, what is done, what is asked next.
std::string told(const PaymentDecision& decision) {
    std::string text{to_string(decision.state)};
    if (decision.store_code) text += " +code";
    if (decision.late) text += " +late";
    if (decision.duplicate) text += " +duplicate";
    if (decision.refund_due) text += " +refund";
    if (decision.suspect) text += " +suspect";
    if (decision.alarm) text += " +alarm";
    if (decision.next == NextStep::create) text += " ?create";
    if (decision.next == NextStep::query) text += " ?query";
    if (decision.next == NextStep::close) text += " ?close";
    return text;
}

struct Line {
    Fact fact;
    std::array<const char*, kStates.size()> becomes;  // in the order of kStates
};

// The table of the payment specification, for an attempt whose reference is open and unpaid, before
// the margin after its deadline.
const std::vector<Line> kTable{
    {Fact::code_received,
     {"pending +code", "pending +code", "closing", "closed", "failed", "paid"}},
    {Fact::create_refused, {"failed", "pending", "closing", "closed", "failed", "paid"}},
    {Fact::create_unknown, {"created ?create", "pending", "closing", "closed", "failed", "paid"}},
    {Fact::verified_success, {"paid", "paid", "paid", "paid +late", "paid +late", "paid"}},
    {Fact::verified_not_paid, {"pending", "pending", "closing ?close", "closed", "failed", "paid"}},
    {Fact::verified_closed, {"closed", "closed", "closed", "closed", "failed", "paid"}},
    {Fact::verified_refunded,
     {"paid +suspect +alarm",
      "paid +suspect +alarm",
      "paid +suspect +alarm",
      "paid +late +suspect +alarm",
      "paid +late +suspect +alarm",
      "paid +alarm"}},
    {Fact::verified_not_exist,
     {"created ?create", "pending ?create", "closing", "closed", "failed", "paid +alarm"}},
    {Fact::give_up, {"closing ?close", "closing ?close", "closing", "closed", "failed", "paid"}},
    {Fact::close_accepted, {"created", "pending", "closing ?query", "closed", "failed", "paid"}},
    {Fact::close_refused_paid,
     {"created", "pending", "closing ?query", "closed", "failed", "paid"}},
    {Fact::mismatch,
     {"created +suspect +alarm",
      "pending +suspect +alarm",
      "closing +suspect +alarm",
      "closed +suspect +alarm",
      "failed +suspect +alarm",
      "paid +suspect +alarm"}},
};

TEST(PaymentState, follows_the_table_for_every_state_and_fact) {
    ASSERT_EQ(kTable.size(), kFacts.size());
    for (std::size_t row = 0; row < kTable.size(); ++row) {
        ASSERT_EQ(kTable[row].fact, kFacts[row]);
        for (std::size_t column = 0; column < kStates.size(); ++column) {
            const auto decision = decide(kStates[column], kTable[row].fact, {});
            EXPECT_EQ(told(decision), kTable[row].becomes[column])
                << to_string(kStates[column]) << ", fact " << row;
        }
    }
}

TEST(PaymentState, takes_what_does_not_exist_after_the_margin_for_closed) {
    const PaymentContext context{.past_margin = true};
    const std::array<const char*, kStates.size()> becomes{
        "closed", "closed", "closed", "closed", "failed", "paid +alarm"};
    for (std::size_t i = 0; i < kStates.size(); ++i) {
        EXPECT_EQ(told(decide(kStates[i], Fact::verified_not_exist, context)), becomes[i]);
    }
}

TEST(PaymentState, gives_a_second_success_of_a_reference_back) {
    const PaymentContext context{.reference_paid = true};
    const std::array<const char*, kStates.size()> becomes{
        "paid +duplicate +refund",
        "paid +duplicate +refund",
        "paid +duplicate +refund",
        "paid +late +duplicate +refund",
        "paid +late +duplicate +refund",
        "paid"};
    for (std::size_t i = 0; i < kStates.size(); ++i) {
        EXPECT_EQ(told(decide(kStates[i], Fact::verified_success, context)), becomes[i]);
    }
}

TEST(PaymentState, gives_money_back_that_comes_after_the_reference_was_closed) {
    const PaymentContext context{.reference_closed = true};
    for (const State state : kStates) {
        if (state == State::paid) continue;
        EXPECT_EQ(told(decide(state, Fact::verified_success, context)), "paid +late +refund");
    }
}

TEST(PaymentState, alarms_when_one_attempt_is_paid_by_a_second_transaction) {
    const PaymentContext context{.same_transaction = false};
    const auto decision = decide(State::paid, Fact::verified_success, context);
    EXPECT_EQ(told(decision), "paid +suspect +alarm");
}

// Every state, fact and context: the rules that no line of the table may break.
template <class Check>
void for_every_case(Check check) {
    for (const State state : kStates) {
        for (const Fact fact : kFacts) {
            for (unsigned bits = 0; bits < 16; ++bits) {
                const PaymentContext context{
                    (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
                check(state, fact, context, decide(state, fact, context));
            }
        }
    }
}

TEST(PaymentState, never_leaves_paid) {
    for_every_case([](State from, Fact, const PaymentContext&, const PaymentDecision& to) {
        if (from == State::paid) {
            EXPECT_EQ(to.state, State::paid);
        }
    });
}

TEST(PaymentState, becomes_paid_by_a_verified_answer_only) {
    for_every_case([](State from, Fact fact, const PaymentContext&, const PaymentDecision& to) {
        if (from == State::paid || to.state != State::paid) return;
        EXPECT_TRUE(fact == Fact::verified_success || fact == Fact::verified_refunded);
    });
}

TEST(PaymentState, leaves_a_final_state_for_paid_only) {
    for_every_case([](State from, Fact, const PaymentContext&, const PaymentDecision& to) {
        if (is_final(from) && to.state != from) {
            EXPECT_EQ(to.state, State::paid);
        }
    });
}

TEST(PaymentState, is_never_reopened_once_it_is_closing) {
    for_every_case([](State from, Fact, const PaymentContext&, const PaymentDecision& to) {
        const bool given_up = from == State::closing || is_final(from);
        if (given_up) {
            EXPECT_TRUE(to.state == State::closing || is_final(to.state));
        }
    });
}

TEST(PaymentState, refunds_exactly_what_is_late_for_its_reference_or_a_duplicate) {
    for_every_case([](State from, Fact, const PaymentContext& context, const PaymentDecision& to) {
        const bool newly_paid = from != State::paid && to.state == State::paid;
        const bool due = context.reference_paid || context.reference_closed;
        EXPECT_EQ(to.refund_due, newly_paid && due);
    });
}

TEST(PaymentState, has_a_name_for_every_state_and_finds_it_again) {
    for (const State state : kStates) EXPECT_EQ(state_from(to_string(state)), state);
    EXPECT_EQ(state_from("PAID"), std::nullopt);
    EXPECT_EQ(state_from(""), std::nullopt);
}

}  // namespace
}  // namespace doorbuster::payments
