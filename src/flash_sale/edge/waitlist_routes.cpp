#include "flash_sale/edge/waitlist_routes.hpp"

#include <boost/json.hpp>

#include "flash_sale/edge/shopper_routes.hpp"
#include "flash_sale/model/claim_store.hpp"
#include "flash_sale/model/errors.hpp"
#include "flash_sale/model/stock_store.hpp"
#include "flash_sale/waitlist/chance.hpp"
#include "http/envelope.hpp"
#include "http/fields.hpp"
#include "idempotency/idempotency.hpp"

namespace doorbuster::flash_sale {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Response;
using Deps = WaitlistRoutesDeps;
using Visit = Entrance::Visit;

constexpr auto kRoute = ShopperLimits::Route::waitlist;

// ---- a place, as it is told --------------------------------------------------------------------

struct Place {
    Waitlist::Entry entry;
    Outlook outlook;
    bool again = false;
};

// In the transaction or snapshot that found the entry, so that all of it is of one moment.
Outlook outlook_of(
    Deps& deps, sql::Reader& reader, const SaleItem& item, const Waitlist::Entry& entry
) {
    const StockView view = stock::find(reader, item.id).value_or(StockView{});
    return {
        .ahead = entry.ahead,
        .may_come_back = view.reserved + view.offered,
        .given_back = deps.returned.of(reader, item),
        .paid = view.sold};
}

json::object to_json(const Chance& chance) {
    return {
        {"percent", chance.percent},
        {"words", chance.words()},
        {"share_percent", chance.share_percent},
        {"basis", chance.measured ? "this_sale" : "assumption"}};
}

json::object to_json(const Place& place) {
    const Waitlist::Entry& entry = place.entry;
    json::object data{
        {"state", entry.offered ? "offered" : "waiting"},
        {"joined_at", to_rfc3339(entry.joined_at)},
        {"ahead", entry.ahead},
        {"place", entry.ahead + 1},
        {"may_come_back", place.outlook.may_come_back},
        {"offered_until", nullptr},
        {"chance", nullptr}};
    if (entry.offered) {
        data["place"] = nullptr;
        data["offered_until"] = to_rfc3339(*entry.offered_until);
    } else {
        data["chance"] = to_json(chance_of(place.outlook));
    }
    return data;
}

// ---- routes ------------------------------------------------------------------------------------

Result<Place> join_line(Deps& deps, sql::Transaction& tx, const SaleItem& item, UserId user) {
    const auto claims = claims::of_users(tx, item.id, std::span{&user, 1});
    const auto mine = claims.find(user);
    const bool may_buy = mine == claims.end() || mine->second.live() < item.terms.per_user_max;
    if (!may_buy) return kLimitReached;
    const auto joined = deps.waitlist.join(tx, item.id, user);
    if (joined.has_error()) return joined.error();
    return Place{joined->entry, outlook_of(deps, tx, item, joined->entry), joined->again};
}

Task<Response> join(Deps& deps, Request& request) {
    Visit visit;
    const auto refusal = deps.entrance.admit(request, kRoute, visit);
    if (refusal) co_return *refusal;
    const auto known = co_await deps.entrance.check_visitor(request, visit);
    if (known.has_error()) co_return deps.entrance.refuse(request, visit, known.error());
    const auto open = check_open(*visit.item, deps.board.stopped(), deps.sale_clock.now());
    if (open.has_error()) co_return deps.entrance.refuse(request, visit, open.error());
    const auto work = [&deps, item = visit.item, user = request.user()](sql::Transaction& tx) {
        return join_line(deps, tx, *item, user);
    };
    const auto place = co_await deps.database.write(work);
    if (place.has_error()) co_return deps.entrance.refuse(request, visit, place.error());
    Response response = http::ok(request, to_json(*place), place->again ? 200 : 201);
    co_return deps.entrance.done(std::move(response), visit, "joined");
}

Task<Response> show(Deps& deps, Request& request) {
    Visit visit;
    const auto refusal = deps.entrance.admit(request, kRoute, visit);
    if (refusal) co_return *refusal;
    const auto known = co_await deps.entrance.check_visitor(request, visit);
    if (known.has_error()) co_return deps.entrance.refuse(request, visit, known.error());
    const auto read = [&deps, item = visit.item, user = request.user()](sql::Reader& reader
                      ) -> Result<Place> {
        const auto entry = deps.waitlist.find(reader, item->id, user);
        if (entry.has_error()) return entry.error();
        return Place{*entry, outlook_of(deps, reader, *item, *entry)};
    };
    const auto place = co_await deps.database.read(read);
    if (place.has_error()) co_return deps.entrance.refuse(request, visit, place.error());
    co_return deps.entrance.done(http::ok(request, to_json(*place)), visit, "other");
}

Task<Response> leave(Deps& deps, Request& request) {
    Visit visit;
    const auto refusal = deps.entrance.admit(request, kRoute, visit);
    if (refusal) co_return *refusal;
    const auto known = co_await deps.entrance.check_visitor(request, visit);
    if (known.has_error()) co_return deps.entrance.refuse(request, visit, known.error());
    const auto work = [&deps, item = visit.item, user = request.user()](sql::Transaction& tx) {
        return deps.waitlist.leave(tx, item->id, user);
    };
    const auto left = co_await deps.database.write(work);
    if (left.has_error()) co_return deps.entrance.refuse(request, visit, left.error());
    co_return deps.entrance.done(http::done(request), visit, "other");
}

// ---- claiming ----------------------------------------------------------------------------------

// The user's open offer, if there is one. The gate learns how the item stands, because another
// process may have made the offer and this one's gate would not let it in.
Task<std::optional<WaitlistId>> look_for_offer(Deps& deps, PromotionItemId item, UserId user) {
    struct Found {
        std::optional<WaitlistId> offer;
        std::optional<StockView> view;
    };
    const auto read = [&deps, item, user](sql::Reader& reader) {
        return Found{deps.waitlist.open_offer(reader, item, user), stock::find(reader, item)};
    };
    const Found found = co_await deps.database.read(read);
    if (found.view) deps.gate.apply(item, *found.view);
    co_return found.offer;
}

// A claim without a key of the client's gets one from the offer, which can be taken once. It
// begins with a character that no client's key may have. With a key it may be the retry of a
// request that has taken the offer already.
Result<claims::RequestKey> key_of(const Request& request, std::optional<WaitlistId> offer) {
    auto given = idempotency::key_of(request);
    if (given.has_error()) return given.error();
    if (*given) return claims::RequestKey{(*given)->key, (*given)->fingerprint};
    if (!offer) return kNoOffer;
    return claims::RequestKey{"\x01waitlist:" + offer->to_string(), {}};
}

Task<Response> claim(Deps& deps, Request& request) {
    Visit visit;
    const auto refusal = deps.entrance.admit(request, kRoute, visit);
    if (refusal) co_return *refusal;
    http::Fields fields = http::Fields::body(request);
    OrderDesk::Wish wish{.item = visit.item, .user = request.user()};
    wish.address = fields.id<AddressId>("address_id");
    wish.offered = true;
    if (auto bad = fields.check(); bad.has_error()) {
        co_return deps.entrance.refuse(request, visit, bad.error());
    }
    const auto known = co_await deps.entrance.check_visitor(request, visit);
    if (known.has_error()) co_return deps.entrance.refuse(request, visit, known.error());
    const auto offer = co_await look_for_offer(deps, visit.item->id, wish.user);
    auto key = key_of(request, offer);
    if (key.has_error()) co_return deps.entrance.refuse(request, visit, key.error());
    wish.key = *std::move(key);
    const auto order = co_await deps.desk.place(std::move(wish));
    if (order.has_error()) co_return deps.entrance.refuse(request, visit, order.error());
    const std::string_view outcome = order->replayed ? "replayed" : "placed";
    co_return deps.entrance.done(placed_response(request, *order), visit, outcome);
}

}  // namespace

http::Routes waitlist_routes(WaitlistRoutesDeps& deps) {
    static constexpr auto kPath = "/api/v1/flash-sales/{item}/waitlist";
    const auto on = [&deps](Task<Response> (*handler)(Deps&, Request&)) {
        return [&deps, handler](Request& request) { return handler(deps, request); };
    };
    const http::RouteOptions small{.body_bytes_max = 16 * 1024};
    return {
        {Method::post, kPath, Access::user(), on(join), small},
        {Method::get, kPath, Access::user(), on(show)},
        {Method::del, kPath, Access::user(), on(leave)},
        {Method::post, std::string{kPath} + "/claim", Access::user(), on(claim), small}};
}

}  // namespace doorbuster::flash_sale
