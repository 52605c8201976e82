#include "orders/order_pages.hpp"

#include <boost/json.hpp>

#include "http/listing.hpp"
#include "orders/order_json.hpp"

namespace doorbuster::orders {

namespace json = boost::json;

json::value to_json(const OrderPage& orders, const http::Page& page) {
    json::array list;
    list.reserve(orders.list.size());
    for (const auto& [order, items] : orders.list) {
        json::object entry = to_json(order);
        entry["items"] = to_json(items);
        list.push_back(std::move(entry));
    }
    return http::listing_json(std::move(list), orders.total, page);
}

json::value to_json(const OrderDetail& detail) {
    json::object result = to_json(detail.order);
    result["items"] = to_json(detail.items);
    result["events"] = to_json(detail.timeline, detail.order.user);
    return result;
}

std::optional<std::string> status_field(http::Fields& query) {
    std::vector<std::string_view> names;
    for (const Status status : kAllStatuses) names.push_back(to_string(status));
    return query.optional_word("status", names);
}

}  // namespace doorbuster::orders
