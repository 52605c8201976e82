#pragma once

#include "http/route.hpp"
#include "orders/order_service.hpp"
#include "ports/database.hpp"

namespace doorbuster::orders {

struct OrderRoutesDeps {
    sql::Database& database;
    const OrderService& orders;
    payments::Checkout& checkout;
    const Clock& clock;
};

// `/api/v1/orders…` for shoppers. `deps` must outlive the routes; so for the others below.
http::Routes order_routes(OrderRoutesDeps& deps);
// `/api/admin/v1/orders…` for staff with the right `orders`.
http::Routes staff_order_routes(OrderRoutesDeps& deps);
// `POST /api/v1/payments`: pays an order of one's own, with the order's amount.
http::Routes checkout_routes(OrderRoutesDeps& deps);

}  // namespace doorbuster::orders
