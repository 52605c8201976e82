#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "http/fields.hpp"
#include "orders/order.hpp"
#include "orders/order_store.hpp"
#include "ports/backlog.hpp"
#include "ports/sql.hpp"

// What shoppers and staff look at. Reads only.
namespace doorbuster::orders {

struct OrderWithItems {
    Order order;
    std::vector<Item> items;
};

struct OrderDetail {
    Order order;
    std::vector<Item> items;
    std::vector<TimelineEntry> timeline;
};

struct OrderPage {
    std::vector<OrderWithItems> list;  // newest first
    std::int64_t total = 0;
};

struct OrderFilter {
    std::optional<UserId> user;  // none: everybody's, for staff
    std::optional<std::string> status;
    std::optional<std::string> payment_status;  // for staff
};

OrderPage list_orders(sql::Reader& reader, const OrderFilter& filter, const http::Page& page);
// `owner`: whose it must be; none for staff. Errors: kOrderNotFound.
Result<OrderDetail> get_order(sql::Reader& reader, std::optional<UserId> owner, OrderNo number);
Result<OrderWithItems> get_order_to_pay(sql::Reader& reader, UserId owner, OrderNo number);
// The requests that placed promoted orders. Orders that no such request placed are absent.
struct PlacedRequest {
    OrderNo order;
    std::string key;
    std::array<std::byte, 32> fingerprint{};
};
std::vector<PlacedRequest> placed_requests(sql::Reader& reader, std::span<const OrderNo> orders);
// Orders that were given up and hold their units until the payment side answers.
Backlog closing_orders(sql::Reader& reader);

}  // namespace doorbuster::orders
