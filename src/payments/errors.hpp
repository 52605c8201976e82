#pragma once

#include "core/error.hpp"

namespace doorbuster::payments {

inline constexpr ErrorKind kUnknownProvider{
    5001,
    "unknown_provider",
    Condition::unprocessable,
    "Payments by this provider are not offered here."};
inline constexpr ErrorKind kPaymentTooLate{
    5002, "payment_too_late", Condition::conflict, "The time to pay is over."};
inline constexpr ErrorKind kAlreadyPaid{
    5003, "already_paid", Condition::conflict, "This is already paid."};
inline constexpr ErrorKind kProviderUnavailable{
    5004,
    "provider_unavailable",
    Condition::unavailable,
    "The payment provider gives no answer now. Nothing was charged. Try again in a moment."};
inline constexpr ErrorKind kPaymentNotFound{
    5005, "payment_not_found", Condition::not_found, "There is no such payment."};
inline constexpr ErrorKind kNothingToPay{
    5006, "nothing_to_pay", Condition::conflict, "There is nothing to pay."};

inline constexpr ErrorKind kNoPayPage{
    5007, "no_pay_page", Condition::not_found, "This payment has no page: its code is scanned."};

inline constexpr ErrorKind kAmountDiffers{
    5008,
    "amount_differs",
    Condition::conflict,
    "A payment of this reference is open with another amount. Close the reference first."};
inline constexpr ErrorKind kDoubtNotFound{
    5009, "doubt_not_found", Condition::not_found, "There is no such doubt."};
inline constexpr ErrorKind kDoubtSettled{
    5010, "doubt_settled", Condition::conflict, "Somebody has said what was done about it."};

}  // namespace doorbuster::payments
