#include <boost/json.hpp>

#include "http/envelope.hpp"
#include "http/fields.hpp"
#include "idempotency/idempotency.hpp"
#include "orders/order_json.hpp"
#include "orders/order_pages.hpp"
#include "orders/order_routes.hpp"

namespace doorbuster::orders {
namespace {

using http::Access;
using http::Fields;
using http::Method;
using http::Request;
using http::Response;

constexpr http::TextLimits kCarrier{.min = 1, .max = 50};
constexpr http::TextLimits kReason{.min = 1, .max = 80};
constexpr http::TextLimits kTrackingNumber{.min = 1, .max = 100};

std::optional<std::string> payment_status_field(Fields& query) {
    return query.optional_word(
        "payment_status",
        {"unpaid", "paid", "refund_due", "refunding", "partly_refunded", "refunded"}
    );
}

Task<Response> list(OrderRoutesDeps& deps, Request& request) {
    Fields fields = Fields::query(request);
    const OrderFilter filter{
        .user = fields.optional_id<UserId>("user_id"),
        .status = status_field(fields),
        .payment_status = payment_status_field(fields)};
    const http::Page page = http::page_of(fields);
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto read = [&](sql::Reader& reader) { return list_orders(reader, filter, page); };
    const auto orders = co_await deps.database.read(read);
    co_return http::ok(request, to_json(orders, page));
}

Task<Response> detail(OrderRoutesDeps& deps, Request& request) {
    const auto number = request.path_id<OrderNo>("no");
    const auto read = [&](sql::Reader& reader) { return get_order(reader, std::nullopt, number); };
    const auto order = co_await deps.database.read(read);
    co_return http::answer(request, order, [](const auto& found) { return to_json(found); });
}

Task<Response> ship(OrderRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const std::string carrier = fields.text("carrier", kCarrier);
    const std::string tracking_number = fields.text("tracking_number", kTrackingNumber);
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto number = request.path_id<OrderNo>("no");
    const auto work = [&](sql::Transaction& tx) {
        return deps.orders.ship(tx, request.user(), number, carrier, tracking_number);
    };
    const auto order = co_await deps.database.write(work);
    co_return http::answer(request, order, [](const Order& now) { return to_json(now); });
}

OrderService::Return return_of(Fields& fields) {
    OrderService::Return wanted;
    wanted.refund = fields.optional_money("refund").value_or(Money{});
    wanted.reason = fields.text("reason", kReason);
    if (fields.has("restock")) {
        for (Fields& line : fields.objects("restock", 0, OrderService::kLinesMax)) {
            const auto sku = line.id<SkuId>("sku_id");
            wanted.restock.push_back({sku, line.integer("quantity", 1, OrderService::kQuantityMax)}
            );
        }
    }
    wanted.restock = merged(wanted.restock);
    if (wanted.refund.is_zero() && wanted.restock.empty()) {
        fields.reject("refund", "nothing is to go back");
    }
    return wanted;
}

Task<Response> take_return(OrderRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const OrderService::Return wanted = return_of(fields);
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto number = request.path_id<OrderNo>("no");
    const auto work = [&](sql::Transaction& tx) -> Result<std::string> {
        const auto order = deps.orders.take_return(tx, request.user(), number, wanted);
        if (order.has_error()) return order.error();
        return boost::json::serialize(to_json(*order));
    };
    co_return co_await idempotency::respond(deps.database, deps.clock, request, 200, work);
}

Task<Response> cancel(OrderRoutesDeps& deps, Request& request) {
    const auto number = request.path_id<OrderNo>("no");
    const auto work = [&](sql::Transaction& tx) {
        return deps.orders.cancel_by_staff(tx, request.user(), number);
    };
    const auto order = co_await deps.database.write(work);
    co_return http::answer(request, order, [](const Order& now) { return to_json(now); });
}

}  // namespace

http::Routes staff_order_routes(OrderRoutesDeps& deps) {
    const Access access = Access::staff(Right::orders);
    const auto to = [&deps](auto handler) -> http::AsyncHandler {
        return [&deps, handler](Request& request) { return handler(deps, request); };
    };
    return {
        {Method::get, "/api/admin/v1/orders", access, to(list)},
        {Method::get, "/api/admin/v1/orders/{no}", access, to(detail)},
        {Method::post, "/api/admin/v1/orders/{no}/ship", access, to(ship)},
        {Method::post, "/api/admin/v1/orders/{no}/cancel", access, to(cancel)},
        {Method::post, "/api/admin/v1/orders/{no}/returns", access, to(take_return)}};
}

}  // namespace doorbuster::orders
