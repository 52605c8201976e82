#include "flash_sale/waitlist_routes.hpp"

#include <boost/json.hpp>

#include "flash_sale/chance.hpp"
#include "flash_sale/claim_store.hpp"
#include "flash_sale/errors.hpp"
#include "flash_sale/stock_store.hpp"
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
using Item = std::shared_ptr<const SaleItem>;

Item item_of(const Deps& deps, const Request& request) {
    return deps.board.find(request.path_id<PromotionItemId>("item"));
}

// A request for an item that exists, from its arrival to its answer, for the meter.
class Measured {
public:
    Measured(Deps& deps, PromotionItemId item)
        : deps_{deps}, item_{item}, began_{deps.clock.steady()} {}

    void ended(std::string_view outcome) const {
        deps_.meter.record(item_, outcome, deps_.clock.steady() - began_);
    }
    Response refuse(const Request& request, const Error& error) const {
        ended(error.kind().name);
        return http::failure(request, error);
    }

private:
    Deps& deps_;
    PromotionItemId item_;
    std::chrono::steady_clock::time_point began_;
};

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
    const Item item = item_of(deps, request);
    if (!item) co_return http::failure(request, kItemNotFound);
    const Measured measured{deps, item->id};
    const auto open = check_open(*item, deps.board.stopped(), deps.sale_clock.now());
    if (open.has_error()) co_return measured.refuse(request, open.error());
    const auto work = [&deps, item, user = request.user()](sql::Transaction& tx) {
        return join_line(deps, tx, *item, user);
    };
    const auto place = co_await deps.database.write(work);
    if (place.has_error()) co_return measured.refuse(request, place.error());
    measured.ended("joined");
    co_return http::ok(request, to_json(*place), place->again ? 200 : 201);
}

Task<Response> show(Deps& deps, Request& request) {
    const Item item = item_of(deps, request);
    if (!item) co_return http::failure(request, kItemNotFound);
    const auto read = [&deps, item, user = request.user()](sql::Reader& reader) -> Result<Place> {
        const auto entry = deps.waitlist.find(reader, item->id, user);
        if (entry.has_error()) return entry.error();
        return Place{*entry, outlook_of(deps, reader, *item, *entry)};
    };
    const auto place = co_await deps.database.read(read);
    if (place.has_error()) co_return http::failure(request, place.error());
    co_return http::ok(request, to_json(*place));
}

Task<Response> leave(Deps& deps, Request& request) {
    const Item item = item_of(deps, request);
    if (!item) co_return http::failure(request, kItemNotFound);
    const auto work = [&deps, item, user = request.user()](sql::Transaction& tx) {
        return deps.waitlist.leave(tx, item->id, user);
    };
    const auto left = co_await deps.database.write(work);
    co_return http::answer(request, left);
}

// ---- claiming ----------------------------------------------------------------------------------

// A claim without a key of the client's gets one from the offer, which can be taken once. It
// begins with a character that no client's key may have.
Task<Result<claims::RequestKey>> key_of_offer(Deps& deps, PromotionItemId item, UserId user) {
    const auto read = [&deps, item, user](sql::Reader& reader) {
        return deps.waitlist.open_offer(reader, item, user);
    };
    const auto offer = co_await deps.database.read(read);
    if (!offer) co_return kNoOffer;
    co_return claims::RequestKey{"\x01waitlist:" + offer->to_string(), {}};
}

Response placed(const Request& request, const PlacedOrder& order) {
    const json::object data{
        {"order_no", order.number.to_string()},
        {"total", order.total.fen()},
        {"currency", "CNY"},
        {"status", "pending_payment"},
        {"expires_at", to_rfc3339(order.expires_at)}};
    Response response = http::created(request, data);
    if (order.replayed) response.with("Idempotent-Replayed", "true");
    return response;
}

Task<Response> claim(Deps& deps, Request& request) {
    const Item item = item_of(deps, request);
    if (!item) co_return http::failure(request, kItemNotFound);
    const Measured measured{deps, item->id};
    http::Fields fields = http::Fields::body(request);
    const auto address = fields.id<AddressId>("address_id");
    if (auto bad = fields.check(); bad.has_error()) co_return measured.refuse(request, bad.error());
    const auto key = idempotency::key_of(request);
    if (key.has_error()) co_return measured.refuse(request, key.error());

    OrderDesk::Wish wish{.item = item, .user = request.user(), .address = address};
    wish.offered = true;
    if (*key) {
        wish.key = {(*key)->key, (*key)->fingerprint};
    } else {
        auto of_offer = co_await key_of_offer(deps, item->id, wish.user);
        if (of_offer.has_error()) co_return measured.refuse(request, of_offer.error());
        wish.key = *std::move(of_offer);
    }
    const auto order = co_await deps.desk.place(std::move(wish));
    if (order.has_error()) co_return measured.refuse(request, order.error());
    measured.ended(order->replayed ? "replayed" : "placed");
    co_return placed(request, *order);
}

}  // namespace

http::Routes waitlist_routes(WaitlistRoutesDeps& deps) {
    static constexpr auto kPath = "/api/v1/flash-sales/{item}/waitlist";
    const auto on = [&deps](Task<Response> (*handler)(Deps&, Request&)) {
        return [&deps, handler](Request& request) { return handler(deps, request); };
    };
    return {
        {Method::post, kPath, Access::user(), on(join)},
        {Method::get, kPath, Access::user(), on(show)},
        {Method::del, kPath, Access::user(), on(leave)},
        {Method::post, std::string{kPath} + "/claim", Access::user(), on(claim)}};
}

}  // namespace doorbuster::flash_sale
