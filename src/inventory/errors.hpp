#pragma once

#include "core/error.hpp"

namespace doorbuster::inventory {

inline constexpr ErrorKind kOutOfStock{
    4010, "out_of_stock", Condition::conflict, "Not enough units are left."};
inline constexpr ErrorKind kStockBelowZero{
    2020, "stock_below_zero", Condition::unprocessable, "That would leave less than zero units."};

}  // namespace doorbuster::inventory
