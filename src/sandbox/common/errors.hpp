#pragma once

#include "core/error.hpp"

// What a buyer's phone would say. Simulator only; a shop never sees these.
namespace doorbuster::sandbox {

inline constexpr ErrorKind kUnknownCode{
    5901, "sandbox_unknown_code", Condition::not_found, "No order has this code."};
inline constexpr ErrorKind kCodeExpired{
    5902, "sandbox_code_expired", Condition::gone, "This code or its order has expired."};
inline constexpr ErrorKind kOrderClosed{
    5903, "sandbox_order_closed", Condition::conflict, "This order was closed by the merchant."};
inline constexpr ErrorKind kAlreadyPaid{
    5904, "sandbox_already_paid", Condition::conflict, "This order is paid already."};
inline constexpr ErrorKind kUnknownRefund{
    5905, "sandbox_unknown_refund", Condition::not_found, "No refund has this number."};
inline constexpr ErrorKind kRefundIsFinal{
    5906, "sandbox_refund_is_final", Condition::conflict, "This refund is final already."};
inline constexpr ErrorKind kOtherBuyer{
    5907,
    "sandbox_other_buyer",
    Condition::conflict,
    "This trade belongs to the buyer who opened it first."};
inline constexpr ErrorKind kOtherTerms{
    5908,
    "sandbox_other_terms",
    Condition::conflict,
    "This number was used before for another amount or title."};

}  // namespace doorbuster::sandbox
