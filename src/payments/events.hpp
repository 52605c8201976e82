#pragma once

#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/money.hpp"

// What the payment side tells the rest of the world, through the outbox. The key is the reference.
//
// A reference is answered once, by exactly one of the first two; both never come:
//   payment.succeeded   its money is here. Told for the first success, also when the attempt was
//                       closed before (`late`) as long as the reference itself was not.
//   payment.closed      it was given up (Checkout::close), nothing was paid and nothing can be.
// Besides that, once for every attempt whose money is not kept:
//   payment.refund_due  paid after payment.closed was told (`late`), or paid a second time
//                       (`duplicate`). No payment.succeeded is told for such an attempt. What came
//                       late is offered: Checkout::keep_late. All other money goes back by itself.
namespace doorbuster::payments {

inline constexpr std::string_view kPaymentSucceeded = "payment.succeeded";
inline constexpr std::string_view kPaymentClosed = "payment.closed";
inline constexpr std::string_view kPaymentRefundDue = "payment.refund_due";

// The payload of all three.
struct PaymentEvent {
    std::string payment;  // id; empty for payment.closed
    std::string app;
    std::string reference;
    std::string provider;     // empty for payment.closed
    Money amount;             // zero for payment.closed
    std::string transaction;  // the provider's id
    Time paid_at;             // for payment.closed: when it was closed
    bool late = false;
    bool duplicate = false;

    std::string to_json() const;
    // Throws std::invalid_argument on anything that to_json did not make.
    static PaymentEvent from_json(std::string_view json);
};

}  // namespace doorbuster::payments
