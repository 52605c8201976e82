#include "cart/cart_routes.hpp"

#include <boost/json.hpp>

#include "cart/guest.hpp"
#include "http/envelope.hpp"
#include "http/fields.hpp"
#include "idempotency/idempotency.hpp"

namespace doorbuster::cart {
namespace {

namespace json = boost::json;
using http::Access;
using http::Fields;
using http::Method;
using http::Request;
using http::Response;

json::value to_json(const Line& line) {
    return {
        {"sku_id", line.offer.sku.to_string()},
        {"product_id", line.offer.product.to_string()},
        {"title", line.offer.title},
        {"options", line.offer.options},
        {"sku", line.offer.sku_code},
        {"image", line.offer.image},
        {"price", line.offer.price.fen()},
        {"price_seen", line.price_seen.fen()},
        {"quantity", line.quantity},
        {"subtotal", line.subtotal().fen()},
        {"selected", line.selected},
        {"available", line.available},
        {"off_sale", line.off_sale()},
        {"short_of_stock", line.short_of_stock()},
        {"price_changed", line.price_changed()}};
}

json::value to_json(const Cart& cart) {
    json::array lines;
    lines.reserve(cart.lines.size());
    for (const Line& line : cart.lines) lines.push_back(to_json(line));
    return {
        {"lines", std::move(lines)},
        {"count", cart.lines.size()},
        {"units", cart.units},
        {"selected_units", cart.selected_units},
        {"selected_total", cart.selected_total.fen()},
        {"currency", kCurrency}};
}

Task<Response> answer_cart(CartRoutesDeps& deps, const Request& request, const Owner& owner) {
    const auto read = [&](sql::Reader& reader) { return deps.carts.get(reader, owner); };
    const Cart cart = co_await deps.database.read(read);
    co_return http::ok(request, to_json(cart));
}

// Looking at a cart makes no guest: without a token it is simply empty.
Task<Response> get_cart(CartRoutesDeps& deps, Request& request) {
    const auto owner =
        request.principal ? std::optional{Owner::user(request.user())} : guest_of(request);
    if (!owner) co_return http::ok(request, to_json(Cart{}));
    co_return co_await answer_cart(deps, request, *owner);
}

// Runs `work(tx, owner)` and answers with the cart as it is afterwards.
template <class Work>
Task<Response> change_cart(CartRoutesDeps& deps, const Request& request, Work work) {
    const Visitor visitor = Visitor::of(request, deps.random);
    const auto change = [&](sql::Transaction& tx) -> Result<void> {
        return work(tx, visitor.owner());
    };
    const auto outcome = co_await deps.database.write(change);
    if (outcome.has_error()) co_return http::failure(request, outcome.error());
    Response response = co_await answer_cart(deps, request, visitor.owner());
    visitor.introduce(request, response);
    co_return response;
}

struct Addition {
    SkuId sku;
    std::int64_t quantity = 0;
};

// Adds once however often the request is sent. The cart is rendered here only when it must be
// remembered; the answer to a request without a key is read afterwards, off the writer's thread.
Result<std::optional<idempotency::Answer>> add_once(
    CartRoutesDeps& deps,
    sql::Transaction& tx,
    const std::optional<idempotency::Key>& key,
    const Owner& owner,
    const Addition& addition,
    bool& replayed
) {
    replayed = false;
    const Time now = deps.clock.now();
    if (key) {
        auto first = idempotency::claim(tx, *key, now);
        if (first.has_error()) return first.error();
        replayed = first->has_value();
        if (replayed) return *std::move(first);
    }
    const auto added = deps.carts.add(tx, owner, addition.sku, addition.quantity);
    if (added.has_error()) return added.error();
    if (!key) return std::optional<idempotency::Answer>{};
    idempotency::Answer answer{200, json::serialize(to_json(deps.carts.get(tx, owner)))};
    idempotency::remember(tx, *key, answer, now);
    return std::optional{std::move(answer)};
}

// A guest's key is tied to the guest, not to the address that many guests may share. A guest who
// lost the answer that held the token begins again with a new cart, so there is nothing to replay.
Result<std::optional<idempotency::Key>> key_of(const Request& request, const Visitor& visitor) {
    auto key = idempotency::key_of(request);
    if (key.has_error() || !*key) return key;
    if (visitor.is_new()) return std::optional<idempotency::Key>{};
    (*key)->owner = visitor.owner().key();
    return key;
}

Task<Response> add_line(CartRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const Addition addition{
        fields.id<SkuId>("sku_id"), fields.integer("quantity", 1, CartService::kQuantityMax)};
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());

    const Visitor visitor = Visitor::of(request, deps.random);
    const auto key = key_of(request, visitor);
    if (key.has_error()) co_return http::failure(request, key.error());
    bool replayed = false;
    const auto add = [&](sql::Transaction& tx) {
        return add_once(deps, tx, *key, visitor.owner(), addition, replayed);
    };
    const auto outcome = co_await deps.database.write(add);
    if (outcome.has_error()) co_return http::failure(request, outcome.error());
    if (*outcome) co_return idempotency::render(request, **outcome, replayed);
    Response response = co_await answer_cart(deps, request, visitor.owner());
    visitor.introduce(request, response);
    co_return response;
}

Task<Response> change_line(CartRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const auto quantity = fields.optional_integer("quantity", 1, CartService::kQuantityMax);
    const auto selected = fields.optional_boolean("selected");
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    if (!quantity && !selected) {
        const Error nothing{kValidationFailed, "quantity", "quantity or selected must be given"};
        co_return http::failure(request, nothing);
    }
    const auto sku = request.path_id<SkuId>("sku_id");
    const auto change = [&, sku](sql::Transaction& tx, const Owner& owner) -> Result<void> {
        if (quantity) {
            const auto set = deps.carts.set_quantity(tx, owner, sku, *quantity);
            if (set.has_error()) return set;
        }
        return selected ? deps.carts.select(tx, owner, sku, *selected) : Result<void>{};
    };
    co_return co_await change_cart(deps, request, change);
}

Task<Response> remove_line(CartRoutesDeps& deps, Request& request) {
    const auto sku = request.path_id<SkuId>("sku_id");
    const auto change = [&deps, sku](sql::Transaction& tx, const Owner& owner) {
        return deps.carts.remove(tx, owner, sku);
    };
    co_return co_await change_cart(deps, request, change);
}

Task<Response> select_all(CartRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const bool selected = fields.boolean("selected");
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto change = [&deps, selected](sql::Transaction& tx, const Owner& owner) {
        deps.carts.select_all(tx, owner, selected);
        return Result<void>{};
    };
    co_return co_await change_cart(deps, request, change);
}

Task<Response> clear(CartRoutesDeps& deps, Request& request) {
    const auto change = [&deps](sql::Transaction& tx, const Owner& owner) {
        deps.carts.clear(tx, owner);
        return Result<void>{};
    };
    co_return co_await change_cart(deps, request, change);
}

}  // namespace

http::Routes cart_routes(CartRoutesDeps& deps) {
    const Access access = Access::optional_user();
    const auto to = [&deps](auto handler) -> http::AsyncHandler {
        return [&deps, handler](Request& request) { return handler(deps, request); };
    };
    return {
        {Method::get, "/api/v1/cart", access, to(get_cart)},
        {Method::del, "/api/v1/cart", access, to(clear)},
        {Method::post, "/api/v1/cart/lines", access, to(add_line)},
        {Method::patch, "/api/v1/cart/lines/{sku_id}", access, to(change_line)},
        {Method::del, "/api/v1/cart/lines/{sku_id}", access, to(remove_line)},
        {Method::put, "/api/v1/cart/selection", access, to(select_all)}};
}

}  // namespace doorbuster::cart
