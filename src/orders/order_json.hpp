#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "orders/order.hpp"

// Orders on the wire.
namespace doorbuster::orders {

// The answer to a placed order, as JSON text: {"order_no","total","items_total","freight",
// "currency","status","payment_status","created_at","expires_at"}.
std::string placed_json(const Order& order);

// The same with everything else but the lines.
boost::json::object to_json(const Order& order);
boost::json::array to_json(const std::vector<Item>& items);
// Actors are told by their part, not by their id: "shopper", "staff", "system", "payment".
boost::json::array to_json(const std::vector<TimelineEntry>& timeline, UserId buyer);

// What a payer reads beside the amount: the first title, shortened, and how many more lines.
std::string payment_description(const std::vector<Item>& items);

}  // namespace doorbuster::orders
