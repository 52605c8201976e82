#pragma once

#include <boost/json/fwd.hpp>

#include "http/fields.hpp"
#include "orders/order_queries.hpp"

// What the shopper's and the staff's routes render alike.
namespace doorbuster::orders {

boost::json::value to_json(const OrderPage& orders, const http::Page& page);
boost::json::value to_json(const OrderDetail& detail);

// The query parameter `status`, one of the states of an order.
std::optional<std::string> status_field(http::Fields& query);

}  // namespace doorbuster::orders
