#include "flash_sale/staff/promotion_routes.hpp"

#include <boost/json.hpp>

#include "catalog/store/offer_lookup.hpp"
#include "flash_sale/model/errors.hpp"
#include "flash_sale/staff/promotion_json.hpp"
#include "http/envelope.hpp"
#include "http/fields.hpp"
#include "http/listing.hpp"
#include "http/plain_json.hpp"
#include "idempotency/idempotency.hpp"
#include "ports/log.hpp"

namespace doorbuster::flash_sale {
namespace {

namespace json = boost::json;
using http::Fields;
using http::Request;
using http::Response;

constexpr http::TextLimits kName{.min = 1, .max = 100};
constexpr std::int64_t kVersionMax = 1'000'000'000'000;

Time required_time(Fields& fields, std::string_view name) {
    const auto time = fields.optional_time(name);
    if (!time && !fields.has(name)) fields.reject(name, "is required");
    return time.value_or(Time{});
}

ItemTerms terms_of(Fields& fields) {
    ItemTerms terms;
    terms.sku = fields.id<SkuId>("sku_id");
    terms.price = fields.money("price", Money::fen(1));
    terms.allotment = fields.integer("allotment", 1, ItemTerms::kAllotmentMax);
    terms.per_user_max =
        fields.optional_integer("per_user_max", 1, ItemTerms::kPerUserMax).value_or(1);
    terms.per_order_max = fields.optional_integer("per_order_max", 1, ItemTerms::kPerUserMax)
                              .value_or(terms.per_user_max);
    return terms;
}

std::vector<ItemTerms> items_of(Fields& fields) {
    std::vector<ItemTerms> items;
    for (Fields& item : fields.objects("items", 0, Promotion::kItemsMax)) {
        items.push_back(terms_of(item));
    }
    return items;
}

// The change is committed, and the gate knows it: should the board not be loaded now, it is at its
// next turn.
Task<void> reload(PromotionRoutesDeps& deps) {
    try {
        co_await deps.loader.reload();
    } catch (const std::exception& failure) {
        log::warn("sale_board_not_reloaded", {{"reason", failure.what()}});
    }
}

Task<Response> list(PromotionRoutesDeps& deps, Request& request) {
    Fields query = Fields::query(request);
    const auto word = query.optional_word("state", {"draft", "published", "ended"});
    const http::Page page = http::page_of(query);
    if (auto bad = query.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto state = word ? std::optional{promotion_state_from(*word)} : std::nullopt;
    const auto read = [&](sql::Reader& reader) {
        return promotions::list(reader, state, page.offset(), page.page_size);
    };
    const auto listing = co_await deps.database.read(read);
    const Time now = deps.sale_clock.now();
    json::array rows;
    for (const Promotion& one : listing.promotions) rows.push_back(to_json(one, now));
    co_return http::ok(request, http::listing_json(std::move(rows), listing.total, page));
}

Task<Response> create(PromotionRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    PromotionDraft draft;
    draft.name = fields.text("name", kName);
    draft.window = {required_time(fields, "starts_at"), required_time(fields, "ends_at")};
    draft.shadow = fields.optional_boolean("shadow").value_or(false);
    if (fields.has("items")) draft.items = items_of(fields);
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto work = [&](sql::Transaction& tx) -> Result<std::string> {
        const auto made = deps.promotions.create(tx, request.user(), draft);
        if (made.has_error()) return made.error();
        return json::serialize(to_json(*made, deps.sale_clock.now()));
    };
    co_return co_await idempotency::respond(deps.database, deps.clock, request, 201, work);
}

Task<Response> show(PromotionRoutesDeps& deps, Request& request) {
    const auto id = request.path_id<PromotionId>("id");
    const auto read = [&](sql::Reader& reader) { return promotions::find(reader, id); };
    const auto promotion = co_await deps.database.read(read);
    if (!promotion) co_return http::failure(request, kPromotionNotFound);
    co_return http::ok(request, to_json(*promotion, deps.sale_clock.now()));
}

// A draft changes nothing that buyers see, so nothing is reloaded.
Task<Response> edit(PromotionRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    PromotionEdit edit;
    edit.name = fields.optional_text("name", kName);
    edit.starts_at = fields.optional_time("starts_at");
    edit.ends_at = fields.optional_time("ends_at");
    if (fields.has("items")) edit.items = items_of(fields);
    edit.version = fields.optional_integer("version", 1, kVersionMax);
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto id = request.path_id<PromotionId>("id");
    const auto work = [&](sql::Transaction& tx) {
        return deps.promotions.edit(tx, request.user(), id, edit);
    };
    const auto promotion = co_await deps.database.write(work);
    const Time now = deps.sale_clock.now();
    co_return http::answer(request, promotion, [&](const auto& p) { return to_json(p, now); });
}

Task<Response> remove(PromotionRoutesDeps& deps, Request& request) {
    const auto id = request.path_id<PromotionId>("id");
    const auto work = [&](sql::Transaction& tx) {
        return deps.promotions.remove(tx, request.user(), id);
    };
    const auto removed = co_await deps.database.write(work);
    co_return http::answer(request, removed);
}

// A change of a whole promotion, seen by buyers from its commit on.
using Change = std::function<Result<Promotion>(sql::Transaction&, PromotionId)>;

Task<Response> change(PromotionRoutesDeps& deps, Request& request, Change act) {
    const auto id = request.path_id<PromotionId>("id");
    const auto work = [&](sql::Transaction& tx) { return act(tx, id); };
    const auto promotion = co_await deps.database.write(work);
    if (promotion.has_value()) co_await reload(deps);
    const Time now = deps.sale_clock.now();
    co_return http::answer(request, promotion, [&](const auto& p) { return to_json(p, now); });
}

using Action = Result<Promotion> (PromotionService::*)(
    sql::Transaction&, PromotionService::Actor, PromotionId
) const;

Task<Response> act(PromotionRoutesDeps& deps, Request& request, Action action) {
    const Change run = [&deps, action, staff = request.user()](sql::Transaction& tx, auto id) {
        return (deps.promotions.*action)(tx, staff, id);
    };
    co_return co_await change(deps, request, run);
}

Task<Response> publish(PromotionRoutesDeps& deps, Request& request) {
    return act(deps, request, &PromotionService::publish);
}
Task<Response> pause(PromotionRoutesDeps& deps, Request& request) {
    return act(deps, request, &PromotionService::pause);
}
Task<Response> resume(PromotionRoutesDeps& deps, Request& request) {
    return act(deps, request, &PromotionService::resume);
}
Task<Response> end(PromotionRoutesDeps& deps, Request& request) {
    return act(deps, request, &PromotionService::end);
}

Task<Response> move_end(PromotionRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const Time ends_at = required_time(fields, "ends_at");
    if (!is_sale_time(ends_at)) fields.reject("ends_at", "must lie in the years 2000 to 2999");
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const Change run = [&deps, ends_at, staff = request.user()](sql::Transaction& tx, auto id) {
        return deps.promotions.move_end(tx, staff, id, ends_at);
    };
    co_return co_await change(deps, request, run);
}

Task<Response> add_units(PromotionRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const auto units = fields.integer("units", 1, ItemTerms::kAllotmentMax);
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto id = request.path_id<PromotionId>("id");
    const auto item = request.path_id<PromotionItemId>("item");
    const auto work = [&](sql::Transaction& tx) -> Result<std::string> {
        const auto view = deps.promotions.add_units(tx, request.user(), id, item, units);
        if (view.has_error()) return view.error();
        json::object data = to_json(*view);
        data["item_id"] = item.to_string();
        return json::serialize(data);
    };
    Response response =
        co_await idempotency::respond(deps.database, deps.clock, request, 201, work);
    if (response.status == 201) co_await reload(deps);
    co_return response;
}

// All of one moment.
struct LiveFound {
    std::optional<Promotion> promotion;
    std::vector<promotions::ItemCounts> counts;
    std::unordered_map<SkuId, catalog::Offer> offers;
};

LiveFound find_live(sql::Reader& reader, PromotionId id) {
    LiveFound found{promotions::find(reader, id), promotions::counts(reader, id), {}};
    if (!found.promotion) return found;
    std::vector<SkuId> skus;
    for (const PromotionItem& item : found.promotion->items) skus.push_back(item.terms.sku);
    found.offers = catalog::find_offers(reader, skus);
    return found;
}

ItemLive live_item(
    const PromotionRoutesDeps& deps, const LiveFound& found, const promotions::ItemCounts& counts
) {
    ItemLive live{counts, deps.gate.counts(counts.item), deps.meter.rates(counts.item), {}, {}};
    for (const PromotionItem& item : found.promotion->items) {
        if (item.id != counts.item) continue;
        live.price = item.terms.price;
        const auto offer = found.offers.find(item.terms.sku);
        if (offer != found.offers.end()) live.ordinary_price = offer->second.price;
    }
    return live;
}

Task<Response> live(PromotionRoutesDeps& deps, Request& request) {
    const auto id = request.path_id<PromotionId>("id");
    const auto read = [&](sql::Reader& reader) { return find_live(reader, id); };
    const LiveFound found = co_await deps.database.read(read);
    if (!found.promotion) co_return http::failure(request, kPromotionNotFound);
    json::array items;
    for (const auto& counts : found.counts)
        items.push_back(to_json(live_item(deps, found, counts)));
    const Time now = deps.sale_clock.now();
    const json::object data{
        {"promotion", to_json(*found.promotion, now)},
        {"server_time", to_rfc3339(now)},
        {"window_seconds", SaleMeter::kWindowSeconds},
        {"items", std::move(items)}};
    co_return http::ok_json(request, http::plain_json(data));
}

Task<Response> show_switch(PromotionRoutesDeps& deps, Request& request) {
    const auto read = [](sql::Reader& reader) { return sales_stopped(reader); };
    const bool stopped = co_await deps.database.read(read);
    const json::object data{{"stopped", stopped}};
    co_return http::ok(request, data);
}

Task<Response> set_switch(PromotionRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const bool stopped = fields.boolean("stopped");
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto work = [&](sql::Transaction& tx) {
        deps.promotions.set_stopped(tx, request.user(), stopped);
    };
    co_await deps.database.write(work);
    co_await reload(deps);
    const json::object data{{"stopped", stopped}};
    co_return http::ok(request, data);
}

}  // namespace

http::Routes staff_promotion_routes(PromotionRoutesDeps& deps) {
    using http::Method;
    const auto access = http::Access::staff(Right::marketing);
    const std::string root = "/api/admin/v1/promotions";
    const std::string one = root + "/{id}";
    const std::string master = "/api/admin/v1/flash-sales/switch";
    using Handler = Task<Response> (*)(PromotionRoutesDeps&, Request&);
    const auto to = [&deps](Handler handler) -> http::AsyncHandler {
        return [&deps, handler](Request& request) { return handler(deps, request); };
    };
    return {
        {Method::get, root, access, to(list)},
        {Method::post, root, access, to(create)},
        {Method::get, one, access, to(show)},
        {Method::patch, one, access, to(edit)},
        {Method::del, one, access, to(remove)},
        {Method::post, one + "/publish", access, to(publish)},
        {Method::post, one + "/pause", access, to(pause)},
        {Method::post, one + "/resume", access, to(resume)},
        {Method::post, one + "/end", access, to(end)},
        {Method::put, one + "/window", access, to(move_end)},
        {Method::post, one + "/items/{item}/units", access, to(add_units)},
        {Method::get, one + "/live", access, to(live)},
        {Method::get, master, access, to(show_switch)},
        {Method::put, master, access, to(set_switch)}};
}

}  // namespace doorbuster::flash_sale
