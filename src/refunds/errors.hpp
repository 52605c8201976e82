#pragma once

#include "core/error.hpp"

namespace doorbuster::refunds {

inline constexpr ErrorKind kRefundNotFound{
    5020, "refund_not_found", Condition::not_found, "There is no such refund."};
inline constexpr ErrorKind kNotRefundable{
    5021, "not_refundable", Condition::conflict, "This was not paid: there is nothing to refund."};
inline constexpr ErrorKind kRefundTooMuch{
    5022, "refund_too_much", Condition::conflict, "That is more than is left to refund."};
inline constexpr ErrorKind kTooManyRefunds{
    5023,
    "too_many_refunds",
    Condition::conflict,
    "The provider takes no more refunds of this payment."};
inline constexpr ErrorKind kRefundSettled{
    5024, "refund_settled", Condition::conflict, "There is nothing left to do about this refund."};

}  // namespace doorbuster::refunds
