#pragma once

#include "core/error.hpp"

namespace doorbuster::orders {

inline constexpr ErrorKind kOrderNotFound{
    4001, "order_not_found", Condition::not_found, "There is no such order."};
inline constexpr ErrorKind kNothingToOrder{
    4002, "nothing_to_order", Condition::conflict, "No line of the cart is selected."};
inline constexpr ErrorKind kTooManyLines{
    4003, "too_many_lines", Condition::unprocessable, "An order holds at most 100 lines."};
// Each detail names one SKU: field "skus[17]".
inline constexpr ErrorKind kSkuNotFound{
    4004, "sku_not_found", Condition::unprocessable, "There is no such SKU."};
inline constexpr ErrorKind kSkuOffSale{
    4005, "sku_off_sale", Condition::conflict, "A SKU of the order is not on sale."};
inline constexpr ErrorKind kQuantityTooLarge{
    4006, "quantity_too_large", Condition::unprocessable, "A line holds at most 999 units."};
// The detail has field "total" and the new total in fen as its reason.
inline constexpr ErrorKind kTotalChanged{
    4007, "total_changed", Condition::conflict, "The total is not what was expected."};
inline constexpr ErrorKind kTooManyUnpaid{
    4008,
    "too_many_unpaid_orders",
    Condition::conflict,
    "Pay or cancel an order that still waits before placing another."};
// 4010 is inventory's out_of_stock.
inline constexpr ErrorKind kNotCancellable{
    4011, "order_not_cancellable", Condition::conflict, "The order can no longer be cancelled."};
inline constexpr ErrorKind kNotShippable{
    4012, "order_not_shippable", Condition::conflict, "Only a paid order can be shipped."};
inline constexpr ErrorKind kNotConfirmable{
    4013, "order_not_confirmable", Condition::conflict, "Only a shipped order can be confirmed."};
inline constexpr ErrorKind kAlreadyPaid{
    4014, "order_already_paid", Condition::conflict, "The order is already paid."};
inline constexpr ErrorKind kAlreadyClosed{
    4015, "order_closed", Condition::conflict, "The order is closed."};

inline constexpr ErrorKind kNotReturnable{
    4016, "order_not_returnable", Condition::conflict, "Only what was paid can be taken back."};
// Each detail names one SKU: field "skus[17]".
inline constexpr ErrorKind kReturnTooMany{
    4017, "return_too_many", Condition::conflict, "More units than were bought cannot come back."};

}  // namespace doorbuster::orders
