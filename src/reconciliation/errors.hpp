#pragma once

#include "core/error.hpp"

namespace doorbuster::reconciliation {

inline constexpr ErrorKind kReconciliationBusy{
    5040, "reconciliation_busy", Condition::conflict, "This bill is being gone through right now."};
inline constexpr ErrorKind kReconciliationNotFound{
    5041, "reconciliation_not_found", Condition::not_found, "This bill was not gone through yet."};
inline constexpr ErrorKind kDifferenceNotFound{
    5042, "difference_not_found", Condition::not_found, "There is no such difference."};
inline constexpr ErrorKind kDifferenceSettled{
    5043, "difference_settled", Condition::conflict, "There is nothing left to do about this."};
inline constexpr ErrorKind kNoSuchBill{
    5044,
    "no_such_bill",
    Condition::unprocessable,
    "There is no bill of that day and provider here: days are over, and in Beijing."};

}  // namespace doorbuster::reconciliation
