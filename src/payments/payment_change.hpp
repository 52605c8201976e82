#pragma once

#include <optional>
#include <span>
#include <string>

#include "payments/payment.hpp"
#include "payments/payment_store.hpp"

// What a fact makes of an attempt, as pure functions: whoever changes attempts, one or many at a
// time, decides by these and by nothing else.
namespace doorbuster::payments {

// What came with a fact.
struct Evidence {
    std::optional<ProviderTrade> trade;
    std::string code_url;
    std::string failure;         // why a call was refused, or what does not match
    bool holds_refunds = false;  // no refund is begun before a person has looked
};

// `attempts`: all of the reference, of which `payment` is one.
PaymentContext context_of(
    const Payment& payment,
    std::span<const Payment> attempts,
    const store::Reference& reference,
    const Evidence& evidence,
    Time now
);

// The attempt after a decision on it.
Payment changed(
    const Payment& before,
    PaymentFact fact,
    const PaymentDecision& decision,
    const Evidence& evidence,
    Time now
);

// What is told of an attempt that was paid.
std::string event_json(const Payment& payment);

}  // namespace doorbuster::payments
