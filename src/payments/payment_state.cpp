#include "payments/payment_state.hpp"

#include <array>
#include <utility>

#include "core/assert.hpp"

namespace doorbuster::payments {
namespace {

using State = PaymentState;
using Fact = PaymentFact;

constexpr std::array<std::pair<State, std::string_view>, 6> kNames{{
    {State::created, "created"},
    {State::pending, "pending"},
    {State::closing, "closing"},
    {State::closed, "closed"},
    {State::failed, "failed"},
    {State::paid, "paid"},
}};

bool is_open(State state) { return state == State::created || state == State::pending; }

PaymentDecision stay(State state, NextStep next = NextStep::none) {
    return {.state = state, .next = next};
}

PaymentDecision on_success(State state, const PaymentContext& context) {
    if (state == State::paid) {
        const bool strange = !context.same_transaction;
        return {.state = state, .suspect = strange, .alarm = strange};
    }
    return {
        .state = State::paid,
        .late = state == State::closed || state == State::failed || context.reference_closed,
        .duplicate = context.reference_paid,
        .refund_due = context.reference_paid || context.reference_closed};
}

// Unless we asked for it, the money came and went without us: keep the books right and call a
// person.
PaymentDecision on_refunded(State state, const PaymentContext& context) {
    if (state == State::paid) return {.state = state, .alarm = !context.refund_known};
    PaymentDecision decision = on_success(state, context);
    decision.suspect = true;
    decision.alarm = true;
    return decision;
}

PaymentDecision on_not_paid(State state) {
    if (state == State::created) return stay(State::pending);
    return stay(state, state == State::closing ? NextStep::close : NextStep::none);
}

PaymentDecision on_closed(State state) { return stay(is_final(state) ? state : State::closed); }

PaymentDecision on_not_exist(State state, const PaymentContext& context) {
    if (state == State::paid) return {.state = state, .alarm = true};
    if (is_final(state)) return stay(state);
    if (context.past_margin) return stay(State::closed);
    return stay(state, is_open(state) ? NextStep::create : NextStep::none);
}

PaymentDecision on_code(State state) {
    if (!is_open(state)) return stay(state);
    return {.state = State::pending, .store_code = true};
}

}  // namespace

std::string_view to_string(PaymentState state) {
    for (const auto& [known, name] : kNames) {
        if (known == state) return name;
    }
    return "unknown";
}

std::optional<PaymentState> state_from(std::string_view word) {
    for (const auto& [state, name] : kNames) {
        if (name == word) return state;
    }
    return std::nullopt;
}

PaymentDecision decide(PaymentState state, PaymentFact fact, const PaymentContext& context) {
    const bool closing = state == State::closing;
    switch (fact) {
        case Fact::code_received:
            return on_code(state);
        case Fact::create_refused:
            return stay(state == State::created ? State::failed : state);
        case Fact::create_unknown:
            return stay(state, state == State::created ? NextStep::create : NextStep::none);
        case Fact::verified_success:
            return on_success(state, context);
        case Fact::verified_not_paid:
            return on_not_paid(state);
        case Fact::verified_closed:
            return on_closed(state);
        case Fact::verified_refunded:
            return on_refunded(state, context);
        case Fact::verified_not_exist:
            return on_not_exist(state, context);
        case Fact::give_up:
            return is_open(state) ? stay(State::closing, NextStep::close) : stay(state);
        case Fact::close_accepted:
        case Fact::close_refused_paid:
            return stay(state, closing ? NextStep::query : NextStep::none);
        case Fact::mismatch:
            return {.state = state, .suspect = true, .alarm = true};
    }
    // The switch names every fact; what gets here is no fact at all.
    constexpr bool kFactIsKnown = false;
    DOORBUSTER_ASSERT(kFactIsKnown);
    return stay(state);
}

}  // namespace doorbuster::payments
