#include <limits>

#include "flash_sale/edge/shopper_routes.hpp"
#include "flash_sale/model/errors.hpp"
#include "http/fields.hpp"
#include "idempotency/idempotency.hpp"

namespace doorbuster::flash_sale {
namespace {

using http::Request;
using http::Response;
using Wish = OrderDesk::Wish;

// A good token is much shorter; one that is a little too long is as wrong as any other.
constexpr std::size_t kTokenCharactersMax = 1000;

// Of a request without a key. No client's key is like it, because it begins with a character that
// theirs may not have, nor can it come twice.
claims::RequestKey key_for_once(Random& random) { return {"\x01order:" + random.token(22), {}}; }

Result<Wish> wish_of(ShopperRoutesDeps& deps, const Entrance::Visit& visit, Request& request) {
    http::Fields fields = http::Fields::body(request);
    const std::string token = fields.text("token", {.max = kTokenCharactersMax});
    Wish wish{.item = visit.item, .user = request.user()};
    wish.address = fields.id<AddressId>("address_id");
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    wish.units = fields.optional_integer("quantity", 1, most).value_or(1);
    if (auto bad = fields.check(); bad.has_error()) return bad.error();
    auto key = idempotency::key_of(request);
    if (key.has_error()) return key.error();
    if (!wish.item) return kItemNotFound;
    wish.key =
        *key ? claims::RequestKey{(*key)->key, (*key)->fingerprint} : key_for_once(deps.random);

    const auto claims = deps.tokens.verify(token, wish.user, wish.item->id, deps.sale_clock.now());
    // A bad one may still belong to the retry of a request that was good in its time.
    if (claims.has_error()) {
        wish.refusal = claims.error();
    } else if (claims->window_ends != wish.item->window.ends_at) {
        wish.refusal = Error{kTokenExpired};
    } else {
        wish.nonce = claims->nonce;
        wish.epoch = claims->epoch;
    }
    return wish;
}

Task<Response> place(ShopperRoutesDeps& deps, Request& request) {
    Entrance::Visit visit;
    const auto refusal = deps.entrance.admit(request, ShopperLimits::Route::order, visit);
    if (refusal) co_return *refusal;
    auto wish = wish_of(deps, visit, request);
    if (wish.has_error()) co_return deps.entrance.refuse(request, visit, wish.error());
    const auto known = co_await deps.entrance.check_visitor(request, visit);
    if (known.has_error()) co_return deps.entrance.refuse(request, visit, known.error());
    const auto order = co_await deps.desk.place(*std::move(wish));
    if (order.has_error()) co_return deps.entrance.refuse(request, visit, order.error());
    const std::string_view outcome = order->replayed ? "replayed" : "placed";
    co_return deps.entrance.done(placed_response(request, *order), visit, outcome);
}

}  // namespace

// Numbers and words of our own only, so nothing needs escaping. A retry gets the same text,
// whatever has become of the order.
Response placed_response(const Request& request, const PlacedOrder& order) {
    const std::string data = R"({"order_no":")" + order.number.to_string() + R"(","total":)" +
                             std::to_string(order.total.fen()) +
                             R"(,"currency":"CNY","status":"pending_payment","expires_at":")" +
                             to_rfc3339(order.expires_at) + R"("})";
    return idempotency::render(request, {201, data}, order.replayed);
}

http::Routes flash_order_routes(ShopperRoutesDeps& deps) {
    http::RouteOptions options;
    options.body_bytes_max = 16 * 1024;
    options.early = [&deps](Request& request) { return deps.entrance.refuse_order_early(request); };
    const http::AsyncHandler handler = [&deps](Request& request) { return place(deps, request); };
    return {
        {http::Method::post,
         "/api/v1/flash-sales/{item}/orders",
         http::Access::user(),
         handler,
         options}};
}

}  // namespace doorbuster::flash_sale
