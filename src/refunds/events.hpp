#pragma once

#include <string>
#include <string_view>

#include "core/money.hpp"

// What is told of refunds, through the outbox. The key is the reference of the payment.
//   refund.requested  its amount is set apart, the provider will be asked
//   refund.succeeded  the money went back
//   refund.failed     it did not, and will not under this number: a person must act
//   refund.stuck      the bank sent it back, or nothing is known for a day: a person must act
// Events of one refund keep no order: ask RefundDesk::standing for what holds now.
namespace doorbuster::refunds {

inline constexpr std::string_view kRefundRequested = "refund.requested";
inline constexpr std::string_view kRefundSucceeded = "refund.succeeded";
inline constexpr std::string_view kRefundFailed = "refund.failed";
inline constexpr std::string_view kRefundStuck = "refund.stuck";

// The payload of all of them.
struct RefundEvent {
    std::string refund;  // id
    std::string payment;
    std::string app;
    std::string reference;
    std::string provider;
    std::string out_refund_no;
    std::string origin;  // "staff", "caller", "late", "duplicate", "external"
    std::string state;
    Money amount;
    std::string reason;

    std::string to_json() const;
    // Throws std::invalid_argument on anything that to_json did not make.
    static RefundEvent from_json(std::string_view json);
};

}  // namespace doorbuster::refunds
