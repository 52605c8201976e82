#include <boost/json.hpp>

#include "http/envelope.hpp"
#include "http/fields.hpp"
#include "idempotency/idempotency.hpp"
#include "orders/order_json.hpp"
#include "orders/order_queries.hpp"
#include "orders/order_routes.hpp"
#include "payments/payment_json.hpp"

namespace doorbuster::orders {
namespace {

namespace json = boost::json;
using http::Access;
using http::Fields;
using http::Method;
using http::Request;
using http::Response;

struct Checkout {
    OrderNo order;
    std::string provider;
    bool names_amount = false;  // a client cannot say what an order costs
};

payments::PaymentOrder to_payment(const OrderWithItems& found) {
    const Order& order = found.order;
    return {
        .reference = order.number.to_string(),
        .owner = order.user.to_string(),
        .amount = order.total,
        .description = payment_description(found.items),
        .expires_at = order.expires_at};
}

std::string render(const payments::PaymentView& payment, const Checkout& checkout) {
    json::object data = payments::to_json(payment);
    data["order_no"] = checkout.order.to_string();
    if (checkout.names_amount) data["ignored"] = json::array{"amount"};
    return json::serialize(data);
}

// A provider is asked in between, and no transaction waits for a network. That is safe to repeat:
// asking the payment side again finds the same open attempt.
Task<Result<std::string>> begin_payment(
    OrderRoutesDeps& deps, const Request& request, const Checkout& checkout
) {
    const auto read = [&](sql::Reader& reader) {
        return get_order_to_pay(reader, request.user(), checkout.order);
    };
    const auto order = co_await deps.database.read(read);
    if (order.has_error()) co_return order.error();
    const payments::PaymentOrder wanted = to_payment(*order);
    const auto payment = co_await deps.checkout.pay(wanted, checkout.provider);
    if (payment.has_error()) co_return payment.error();
    co_return render(*payment, checkout);
}

Task<Response> pay(OrderRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const Checkout checkout{
        fields.id<OrderNo>("order_no"), fields.text("provider", {.max = 32}), fields.has("amount")};
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto begin = [&] { return begin_payment(deps, request, checkout); };
    Task<Response> answer =
        idempotency::respond_after(deps.database, deps.clock, request, 201, begin);
    co_return co_await std::move(answer);
}

}  // namespace

http::Routes checkout_routes(OrderRoutesDeps& deps) {
    const auto handler = [&deps](Request& request) { return pay(deps, request); };
    return {{Method::post, "/api/v1/payments", Access::user(), handler}};
}

}  // namespace doorbuster::orders
