#pragma once

#include <string_view>

#include "orders/order.hpp"
#include "payments/events.hpp"
#include "refunds/refund_desk.hpp"

// What the payment side's word means for an order.
namespace doorbuster::orders {

// A zero number, which names no order, for a reference that is none of ours.
OrderNo order_of_reference(std::string_view reference);
void report_missing(const payments::PaymentEvent& event);
// What an order shows of money that was paid for it and goes back.
PaymentStatus payment_status_of(const Order& order, const refunds::RefundDesk::Standing& standing);

}  // namespace doorbuster::orders
