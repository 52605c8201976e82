#include "orders/order_queries.hpp"

#include <algorithm>

#include "core/assert.hpp"
#include "orders/errors.hpp"
#include "orders/sql.hpp"

namespace doorbuster::orders {
namespace {

store::Listing list_of(sql::Reader& reader, const OrderFilter& filter, const http::Page& page) {
    if (filter.user) {
        return store::list_of_user(
            reader,
            *filter.user,
            filter.status,
            filter.payment_status,
            page.page_size,
            page.offset()
        );
    }
    return store::list_all(
        reader, filter.status, filter.payment_status, page.page_size, page.offset()
    );
}

Result<Order> find_owned(sql::Reader& reader, std::optional<UserId> owner, OrderNo number) {
    auto order = store::find(reader, number);
    if (!order || (owner && order->user != *owner)) return kOrderNotFound;
    return *std::move(order);
}

std::string json_list(std::span<const OrderNo> orders) {
    std::string list = "[";
    for (const OrderNo order : orders) {
        if (list.size() > 1) list += ',';
        list += order.to_string();
    }
    return list += ']';
}

PlacedRequest placed_request_of(const sql::Row& row) {
    PlacedRequest request{row.id<OrderNo>(0), row.string(1), {}};
    const sql::Bytes stored = row.bytes(2);
    DOORBUSTER_ASSERT(stored.size() == request.fingerprint.size());
    std::copy(stored.begin(), stored.end(), request.fingerprint.begin());
    return request;
}

}  // namespace

std::vector<PlacedRequest> placed_requests(sql::Reader& reader, std::span<const OrderNo> orders) {
    if (orders.empty()) return {};
    const std::string list = json_list(orders);
    return reader.all(queries::list_placed_requests, {list}, placed_request_of);
}

OrderPage list_orders(sql::Reader& reader, const OrderFilter& filter, const http::Page& page) {
    auto listing = list_of(reader, filter, page);
    auto items = store::items(reader, listing.orders);
    OrderPage result{{}, listing.total};
    result.list.reserve(listing.orders.size());
    for (Order& order : listing.orders) {
        auto& lines = items[order.number];
        result.list.push_back({std::move(order), std::move(lines)});
    }
    return result;
}

Result<OrderDetail> get_order(sql::Reader& reader, std::optional<UserId> owner, OrderNo number) {
    auto order = find_owned(reader, owner, number);
    if (order.has_error()) return order.error();
    return OrderDetail{
        *std::move(order), store::items(reader, number), store::timeline(reader, number)};
}

Result<OrderWithItems> get_order_to_pay(sql::Reader& reader, UserId owner, OrderNo number) {
    auto order = find_owned(reader, owner, number);
    if (order.has_error()) return order.error();
    switch (order->status) {
        case Status::pending_payment:
            break;
        case Status::closing:
        case Status::closed:
            return kAlreadyClosed;
        case Status::paid:
        case Status::shipped:
        case Status::completed:
            return kAlreadyPaid;
    }
    return OrderWithItems{*std::move(order), store::items(reader, number)};
}

Backlog closing_orders(sql::Reader& reader) { return store::closing(reader); }

}  // namespace doorbuster::orders
