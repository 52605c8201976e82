#pragma once

#include "events/subscriptions.hpp"
#include "orders/order_service.hpp"

namespace doorbuster::orders {

// Has `orders` hear of the money. Before the bus starts; both must outlive it.
void listen_to_payments(events::Subscriptions& subscriptions, const OrderService& orders);

}  // namespace doorbuster::orders
