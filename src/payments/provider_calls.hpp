#pragma once

#include <string>

#include "ports/payment_provider.hpp"

// Calls of a provider that never throw: an exception of its client is an unknown outcome like any
// other silence.
namespace doorbuster::payments {

template <class T>
Task<PaymentProvider::Outcome<T>> answer_of(Task<PaymentProvider::Outcome<T>> call) {
    PaymentProvider::Outcome<T> outcome;
    try {
        outcome = co_await std::move(call);
    } catch (const std::exception& error) {
        outcome.refused = {"NO_ANSWER", error.what(), false};
    }
    co_return outcome;
}

inline std::string told(const PaymentProvider::Refused& refused) {
    return refused.message.empty() ? refused.code : refused.code + ": " + refused.message;
}

}  // namespace doorbuster::payments
