#pragma once

#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/money.hpp"

// What the payment side tells the rest of the world, through the outbox.
namespace doorbuster::payments {

inline constexpr std::string_view kPaymentSucceeded = "payment.succeeded";
inline constexpr std::string_view kPaymentClosed = "payment.closed";
// Money that must go back: paid after the order was given up, or paid twice.
inline constexpr std::string_view kPaymentRefundDue = "payment.refund_due";

// The payload of all three.
struct PaymentEvent {
    std::string payment;  // id; empty for payment.closed of a reference without attempts
    std::string app;
    std::string reference;
    std::string provider;
    Money amount;
    std::string transaction;  // the provider's id
    Time paid_at;
    bool late = false;
    bool duplicate = false;

    std::string to_json() const;
    // Throws std::invalid_argument on anything that to_json did not make.
    static PaymentEvent from_json(std::string_view json);
};

}  // namespace doorbuster::payments
