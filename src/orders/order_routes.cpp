#include "orders/order_routes.hpp"

#include <boost/json.hpp>

#include "http/envelope.hpp"
#include "http/fields.hpp"
#include "idempotency/idempotency.hpp"
#include "orders/order_json.hpp"
#include "orders/order_pages.hpp"

namespace doorbuster::orders {
namespace {

using http::Access;
using http::Fields;
using http::Method;
using http::Request;
using http::Response;

constexpr std::size_t kNoteCharactersMax = 500;

std::optional<std::vector<inventory::StockLine>> lines_field(Fields& fields) {
    if (!fields.has("lines")) return std::nullopt;
    std::vector<inventory::StockLine> lines;
    for (Fields& line : fields.objects("lines", 1, OrderService::kLinesMax)) {
        lines.push_back(
            {line.id<SkuId>("sku_id"), line.integer("quantity", 1, OrderService::kQuantityMax)}
        );
    }
    return lines;
}

PlaceOrder wish_of(Fields& fields, UserId user) {
    PlaceOrder wish{.user = user};
    wish.address = fields.id<AddressId>("address_id");
    wish.lines = lines_field(fields);
    const http::TextLimits note{.min = 0, .max = kNoteCharactersMax, .multiline = true};
    wish.note = fields.optional_text("note", note).value_or("");
    wish.expected_total = fields.optional_money("expected_total");
    return wish;
}

Task<Response> place(OrderRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const PlaceOrder wish = wish_of(fields, request.user());
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto work = [&](sql::Transaction& tx) -> Result<std::string> {
        const auto order = deps.orders.place(tx, wish);
        if (order.has_error()) return order.error();
        return placed_json(*order);
    };
    co_return co_await idempotency::respond(deps.database, deps.clock, request, 201, work);
}

Task<Response> list(OrderRoutesDeps& deps, Request& request) {
    Fields fields = Fields::query(request);
    const OrderFilter filter{.user = request.user(), .status = status_field(fields)};
    const http::Page page = http::page_of(fields);
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto read = [&](sql::Reader& reader) { return list_orders(reader, filter, page); };
    const auto orders = co_await deps.database.read(read);
    co_return http::ok(request, to_json(orders, page));
}

Task<Response> detail(OrderRoutesDeps& deps, Request& request) {
    const auto number = request.path_id<OrderNo>("no");
    const auto read = [&](sql::Reader& reader) {
        return get_order(reader, request.user(), number);
    };
    const auto order = co_await deps.database.read(read);
    co_return http::answer(request, order, [](const auto& found) { return to_json(found); });
}

using Change = Result<Order> (OrderService::*)(sql::Transaction&, UserId, OrderNo) const;

Task<Response> change(OrderRoutesDeps& deps, Request& request, Change step) {
    const auto number = request.path_id<OrderNo>("no");
    const auto work = [&](sql::Transaction& tx) {
        return (deps.orders.*step)(tx, request.user(), number);
    };
    const auto order = co_await deps.database.write(work);
    co_return http::answer(request, order, [](const Order& now) { return to_json(now); });
}

}  // namespace

http::Routes order_routes(OrderRoutesDeps& deps) {
    const Access access = Access::user();
    const auto to = [&deps](auto handler) -> http::AsyncHandler {
        return [&deps, handler](Request& request) { return handler(deps, request); };
    };
    const auto to_change = [&deps](Change step) -> http::AsyncHandler {
        return [&deps, step](Request& request) { return change(deps, request, step); };
    };
    return {
        {Method::post, "/api/v1/orders", access, to(place)},
        {Method::get, "/api/v1/orders", access, to(list)},
        {Method::get, "/api/v1/orders/{no}", access, to(detail)},
        {Method::post, "/api/v1/orders/{no}/cancel", access, to_change(&OrderService::cancel)},
        {Method::post, "/api/v1/orders/{no}/confirm", access, to_change(&OrderService::confirm)}};
}

}  // namespace doorbuster::orders
