#pragma once

#include <optional>
#include <string_view>

// What becomes of one refund, as a pure function: no refund changes its state by any other rule.
namespace doorbuster::refunds {

enum class RefundState {
    requested,   // stored, its amount reserved; the provider has not been asked
    processing,  // the provider was asked, or may have been
    succeeded,   // the money went back
    failed,      // it did not, and under this number it never will; the amount is free again
    abnormal,    // the bank sent it back: a person must act, and it may still succeed
};

std::string_view to_string(RefundState state);
std::optional<RefundState> refund_state_from(std::string_view word);

// Counts against what can be refunded.
constexpr bool reserves(RefundState state) { return state != RefundState::failed; }
// The provider must be asked until it is known.
constexpr bool is_open(RefundState state) {
    return state == RefundState::requested || state == RefundState::processing;
}

enum class RefundFact {
    about_to_ask,        // the call is made after the commit of this
    taken,               // PROCESSING, or taken without the word that money moved
    no_answer,           // silence, an answer that proves nothing, or "not now"
    refused,             // a refusal that is final by its own word; only a query is believed
    verified_succeeded,  // answered, queried, or found in a bill
    verified_failed,     // the provider closed it
    verified_abnormal,
    refusal_confirmed,  // refused for good, and asked again the provider knows no such refund
    mismatch,           // authentic, but of another amount or payment
};

struct RefundContext {
    // Of a failed refund that succeeded after all: its amount could be reserved again.
    bool amount_is_free = true;
};

struct RefundDecision {
    RefundState state;
    bool alarm = false;  // a person must look

    friend bool operator==(const RefundDecision&, const RefundDecision&) = default;
};

RefundDecision decide(RefundState state, RefundFact fact, const RefundContext& context);

}  // namespace doorbuster::refunds
