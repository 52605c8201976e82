#include "refunds/refund_state.hpp"

#include <array>
#include <utility>

#include "core/assert.hpp"

namespace doorbuster::refunds {
namespace {

using State = RefundState;
using Fact = RefundFact;

constexpr std::array<std::pair<State, std::string_view>, 5> kNames{{
    {State::requested, "requested"},
    {State::processing, "processing"},
    {State::succeeded, "succeeded"},
    {State::failed, "failed"},
    {State::abnormal, "abnormal"},
}};

// Whoever asked the provider, or heard of the refund from it, has left `requested` behind.
State at_least_processing(State state) {
    return state == State::requested ? State::processing : state;
}

RefundDecision on_success(State state, const RefundContext& context) {
    if (state == State::succeeded) return {state};
    if (state == State::failed) {
        return {context.amount_is_free ? State::succeeded : state, true};
    }
    return {State::succeeded};
}

RefundDecision on_failure(State state) {
    if (state == State::succeeded || state == State::failed) return {state};
    return {State::failed, true};
}

RefundDecision on_abnormal(State state) {
    // A failed refund has no amount any more: what the bank sent back changes nothing.
    if (state == State::succeeded || state == State::failed) return {state};
    return {State::abnormal, state != State::abnormal};
}

RefundDecision on_confirmed_refusal(State state) {
    return is_open(state) ? on_failure(state) : RefundDecision{state};
}

}  // namespace

std::string_view to_string(RefundState state) {
    for (const auto& [known, name] : kNames) {
        if (known == state) return name;
    }
    return "unknown";
}

std::optional<RefundState> refund_state_from(std::string_view word) {
    for (const auto& [state, name] : kNames) {
        if (name == word) return state;
    }
    return std::nullopt;
}

RefundDecision decide(RefundState state, RefundFact fact, const RefundContext& context) {
    switch (fact) {
        case Fact::about_to_ask:
        case Fact::taken:
        case Fact::no_answer:
        case Fact::refused:
            return {at_least_processing(state)};
        case Fact::verified_succeeded:
            return on_success(state, context);
        case Fact::verified_failed:
            return on_failure(state);
        case Fact::verified_abnormal:
            return on_abnormal(state);
        case Fact::refusal_confirmed:
            return on_confirmed_refusal(state);
        case Fact::mismatch:
            return {state, true};
    }
    // The switch names every fact; what gets here is no fact at all.
    constexpr bool kFactIsKnown = false;
    DOORBUSTER_ASSERT(kFactIsKnown);
    return {state};
}

}  // namespace doorbuster::refunds
