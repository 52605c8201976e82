#pragma once

#include "core/error.hpp"

namespace doorbuster::cart {

inline constexpr ErrorKind kLineNotFound{
    3001, "cart_line_not_found", Condition::not_found, "The cart has no line of that SKU."};
inline constexpr ErrorKind kSkuNotFound{
    3002, "sku_not_found", Condition::not_found, "There is no such SKU."};
inline constexpr ErrorKind kSkuOffSale{
    3003, "sku_off_sale", Condition::conflict, "That SKU is not on sale."};
inline constexpr ErrorKind kCartFull{
    3004, "cart_full", Condition::conflict, "The cart has as many lines as it can hold."};
inline constexpr ErrorKind kQuantityTooLarge{
    3005, "quantity_too_large", Condition::unprocessable, "A line holds at most 999 units."};

}  // namespace doorbuster::cart
