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
using Key = std::optional<idempotency::Key>;

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

// A provider is asked between the look and the note, and no transaction waits for a network. That
// is safe: asking the payment side again finds the same open attempt.
Result<std::optional<idempotency::Answer>> look_up(
    sql::Transaction& tx, const idempotency::Key& key, Time now
) {
    auto first = idempotency::claim(tx, key, now);
    // An error, so that the claim is rolled back: nothing has been answered yet.
    if (first.has_value() && !*first) return kNotFound;
    return first;
}

Result<idempotency::Answer> note_down(
    sql::Transaction& tx, const idempotency::Key& key, Time now, const idempotency::Answer& answer
) {
    auto first = idempotency::claim(tx, key, now);
    if (first.has_error()) return first.error();
    if (*first) return **std::move(first);
    idempotency::remember(tx, key, answer, now);
    return answer;
}

Task<Response> begin_payment(
    OrderRoutesDeps& deps, const Request& request, const Checkout& checkout, const Key& key
) {
    const auto read = [&](sql::Reader& reader) {
        return get_order_to_pay(reader, request.user(), checkout.order);
    };
    const auto order = co_await deps.database.read(read);
    if (order.has_error()) co_return http::failure(request, order.error());
    const payments::PaymentOrder wanted = to_payment(*order);
    const auto payment = co_await deps.checkout.pay(wanted, checkout.provider);
    if (payment.has_error()) co_return http::failure(request, payment.error());

    const idempotency::Answer answer{201, render(*payment, checkout)};
    if (!key) co_return idempotency::render(request, answer, false);
    const auto note = [&](sql::Transaction& tx) {
        return note_down(tx, *key, deps.clock.now(), answer);
    };
    const auto noted = co_await deps.database.write(note);
    if (noted.has_error()) co_return http::failure(request, noted.error());
    co_return idempotency::render(request, *noted, false);
}

Task<Response> pay(OrderRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const Checkout checkout{
        fields.id<OrderNo>("order_no"), fields.text("provider", {.max = 32}), fields.has("amount")};
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto key = idempotency::key_of(request);
    if (key.has_error()) co_return http::failure(request, key.error());
    if (*key) {
        const auto look = [&](sql::Transaction& tx) {
            return look_up(tx, **key, deps.clock.now());
        };
        const auto first = co_await deps.database.write(look);
        if (first.has_value()) co_return idempotency::render(request, **first, true);
        if (!first.error().is(kNotFound)) co_return http::failure(request, first.error());
    }
    co_return co_await begin_payment(deps, request, checkout, *key);
}

}  // namespace

http::Routes checkout_routes(OrderRoutesDeps& deps) {
    const auto handler = [&deps](Request& request) { return pay(deps, request); };
    return {{Method::post, "/api/v1/payments", Access::user(), handler}};
}

}  // namespace doorbuster::orders
