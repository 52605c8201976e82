#pragma once

#include "core/error.hpp"

namespace doorbuster::inventory {

// Each detail names one SKU: field "skus[17]", reason "2 units are left".
inline constexpr ErrorKind kOutOfStock{
    4010, "out_of_stock", Condition::conflict, "Not enough units are left."};
inline constexpr ErrorKind kStockBelowZero{
    2020, "stock_below_zero", Condition::unprocessable, "That would leave less than zero units."};
inline constexpr ErrorKind kStockTooLarge{
    2021, "stock_too_large", Condition::unprocessable, "That is more units than a SKU may have."};

}  // namespace doorbuster::inventory
