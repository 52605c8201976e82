#include "app/rehearsals.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdio>

#include "accounts/stand_ins.hpp"
#include "app/payment_modes.hpp"
#include "app/sql.hpp"
#include "flash_sale/model/errors.hpp"
#include "http/envelope.hpp"
#include "http/fields.hpp"

namespace doorbuster::app {

namespace json = boost::json;

namespace {

using flash_sale::Promotion;

// A rehearsal that nobody removes keeps its buyers signed in so long after its end.
constexpr Milliseconds kSessionMargin = std::chrono::hours{2};

// Buyers are named by their rehearsal and number, so they are found by a range of names.
std::string first_name(PromotionId id) { return "~rehearsal-" + id.to_string() + '-'; }
std::string end_of_names(PromotionId id) { return "~rehearsal-" + id.to_string() + '.'; }

std::string name_of(PromotionId id, std::int64_t number) {
    char digits[24];
    std::snprintf(digits, sizeof digits, "%07lld", static_cast<long long>(number));
    return first_name(id) + digits;
}

const shipping::AddressFields& rehearsal_address() {
    static const shipping::AddressFields kAddress{
        "排练 Rehearsal", "13800138000", "浙江省", "杭州市", "西湖区", "文三路 1 号", "310000"};
    return kAddress;
}

template <class AnId>
std::string id_list(const std::vector<AnId>& ids) {
    std::string list = "[";
    for (const AnId id : ids) list += (list.size() > 1 ? "," : "") + id.to_string();
    return list += ']';
}

std::int64_t first_integer(const sql::Row& row) { return row.integer(0); }

}  // namespace

// ---- making ---------------------------------------------------------------------------------

Result<Promotion> Rehearsals::create_in(sql::Transaction& tx, const Wish& wish) const {
    const auto sku =
        tx.find(queries::any_sku_on_sale, {}, [](const sql::Row& row) { return row.id<SkuId>(0); });
    if (!sku) return Error{kValidationFailed, "stock", "the shop sells nothing to rehearse with"};
    const auto receivers = tx.find(queries::enabled_webhooks, {}, first_integer);
    if (receivers.value_or(0) > 0 && !wish.webhooks) {
        return Error{
            kValidationFailed,
            "webhooks",
            "the shop has webhooks, whose receivers would be told of orders that are not real; "
            "disable them, or rehearse with --webhooks"};
    }
    const Time now = parts_.flash_sale.sale_clock.now();
    flash_sale::PromotionDraft draft{
        .name = "rehearsal", .window = {now, now + wish.lasts}, .shadow = true};
    draft.items.push_back(
        {.sku = *sku,
         .price = wish.price,
         .allotment = wish.stock,
         .per_user_max = wish.per_user,
         .per_order_max = wish.per_user}
    );
    auto created = parts_.flash_sale.promotions.create(tx, std::nullopt, draft);
    if (created.has_error()) return created;
    return parts_.flash_sale.promotions.publish(tx, std::nullopt, created->id);
}

json::object Rehearsals::terms_json(const Promotion& promotion) const {
    return {
        {"id", promotion.id.to_string()},
        {"item_id", promotion.items.front().id.to_string()},
        {"port", parts_.config.port},
        {"database", parts_.config.database_url.empty() ? "sqlite" : "postgres"},
        // A real provider must never hear of a rehearsal.
        {"payments", payment_modes(parts_.config).wechat_pay == "sandbox"}};
}

Task<http::Response> Rehearsals::create(http::Request& request) {
    http::Fields fields = http::Fields::body(request);
    Wish wish;
    wish.stock = fields.integer("stock", 1, flash_sale::ItemTerms::kAllotmentMax);
    wish.per_user = fields.optional_integer("per_user", 1, 100).value_or(1);
    wish.price = fields.optional_money("price", Money::fen(1)).value_or(Money::fen(990));
    wish.lasts = std::chrono::seconds{fields.integer("seconds", 1, 24 * 3600)};
    wish.webhooks = fields.optional_boolean("webhooks").value_or(false);
    if (auto bad = fields.check(); bad.has_error()) {
        co_return http::failure(request, bad.error());
    }
    const auto create_it = [&](sql::Transaction& tx) { return create_in(tx, wish); };
    const auto promotion = co_await parts_.database.write(create_it);
    co_await parts_.flash_sale.loader.reload();
    const auto render = [this](const Promotion& one) { return terms_json(one); };
    co_return http::answer(request, promotion, render, 201);
}

Result<Promotion> Rehearsals::find_shadow(sql::Reader& reader, PromotionId id) const {
    auto promotion = flash_sale::promotions::find(reader, id);
    if (!promotion || !promotion->shadow) return flash_sale::kPromotionNotFound;
    return *std::move(promotion);
}

Result<std::vector<Rehearsals::Made>> Rehearsals::add_buyers_in(
    sql::Transaction& tx, PromotionId id, std::int64_t count
) const {
    const auto promotion = find_shadow(tx, id);
    if (promotion.has_error()) return promotion.error();
    const std::int64_t before =
        tx.find(queries::count_rehearsal_buyers, {first_name(id), end_of_names(id)}, first_integer)
            .value_or(0);
    if (before + count > kBuyersMax) {
        return Error{kValidationFailed, "count", "more buyers than a rehearsal may have"};
    }
    std::vector<std::string> names;
    for (std::int64_t i = 0; i < count; ++i) names.push_back(name_of(id, before + i + 1));
    const Time now = parts_.clock.now();
    const Milliseconds valid_for =
        std::max(promotion->window.ends_at - now, Milliseconds{0}) + kSessionMargin;
    const auto buyers = accounts::create_stand_ins(tx, names, now, valid_for, parts_.random);
    std::vector<UserId> users;
    for (const accounts::StandIn& buyer : buyers) users.push_back(buyer.user);
    const auto addresses = parts_.addresses.create_first_of_many(tx, users, rehearsal_address());
    std::vector<Made> made;
    for (std::size_t i = 0; i < buyers.size(); ++i) {
        made.push_back({buyers[i].token.reveal(), addresses[i]});
    }
    return made;
}

Task<http::Response> Rehearsals::add_buyers(http::Request& request) {
    http::Fields fields = http::Fields::body(request);
    const std::int64_t count = fields.integer("count", 1, kBuyersPerCallMax);
    if (auto bad = fields.check(); bad.has_error()) {
        co_return http::failure(request, bad.error());
    }
    const PromotionId id = request.path_id<PromotionId>("id");
    const auto add = [&](sql::Transaction& tx) { return add_buyers_in(tx, id, count); };
    const auto made = co_await parts_.database.write(add);
    const auto render = [](const std::vector<Made>& buyers) {
        json::array list;
        list.reserve(buyers.size());
        for (const Made& buyer : buyers) {
            list.push_back(json::array{buyer.token, buyer.address.to_string()});
        }
        return json::object{{"buyers", std::move(list)}};
    };
    co_return http::answer(request, made, render, 201);
}

// ---- looking --------------------------------------------------------------------------------

Task<http::Response> Rehearsals::list(http::Request& request) {
    const auto read = [](sql::Reader& reader) {
        return reader.all(queries::list_rehearsals, {}, [](const sql::Row& row) {
            return json::value{
                {"id", std::to_string(row.integer(0))},
                {"name", row.string(1)},
                {"state", row.string(2)},
                {"created_at", to_rfc3339(row.time(3))}};
        });
    };
    const std::vector<json::value> found = co_await parts_.database.read(read);
    const json::object data{{"list", json::array(found.begin(), found.end())}};
    co_return http::ok(request, data);
}

Task<http::Response> Rehearsals::state(http::Request& request) {
    const PromotionId id = request.path_id<PromotionId>("id");
    const auto look = [id](sql::Reader& reader) -> Result<json::object> {
        const auto waiting = reader.find(queries::unpublished_events, {}, first_integer);
        auto found = reader.find(queries::rehearsal_stock, {id}, [&](const sql::Row& row) {
            return json::object{
                {"available", row.integer(0)},
                {"reserved", row.integer(1)},
                {"sold", row.integer(2)},
                {"stock", row.integer(3)},
                {"events_waiting", waiting.value_or(0)}};
        });
        if (!found) return flash_sale::kPromotionNotFound;
        return *std::move(found);
    };
    const auto state = co_await parts_.database.read(look);
    co_return http::answer(request, state, [](const json::object& data) { return data; });
}

// ---- removing -------------------------------------------------------------------------------

namespace {

void remove_orders_of(sql::Transaction& tx, const std::string& buyers) {
    const auto orders = tx.all(queries::rehearsal_orders, {buyers}, [](const sql::Row& row) {
        return row.id<OrderNo>(0);
    });
    const std::string list = id_list(orders);
    for (const auto* statement :
         {&queries::remove_notifications,
          &queries::set_paid_aside,
          &queries::remove_payments,
          &queries::remove_payment_references,
          &queries::remove_order_events,
          &queries::remove_order_items,
          &queries::remove_reservations,
          &queries::remove_resolutions,
          &queries::remove_orders}) {
        tx.execute(*statement, {list});
    }
}

void remove_users(sql::Transaction& tx, const std::string& buyers, PromotionItemId item) {
    tx.execute(queries::remove_claims, {buyers, item});
    tx.execute(queries::remove_places, {buyers, item});
    for (const auto* statement :
         {&queries::remove_keys,
          &queries::remove_carts,
          &queries::remove_addresses,
          &queries::remove_sessions,
          &queries::remove_buyers}) {
        tx.execute(*statement, {buyers});
    }
}

void remove_promotion(sql::Transaction& tx, const Promotion& promotion) {
    for (const auto& item : promotion.items) {
        tx.execute(queries::remove_movements, {item.id, item.terms.sku});
        tx.execute(queries::remove_stock, {item.id});
        tx.execute(queries::remove_item, {item.id});
    }
    tx.execute(queries::remove_shadow, {promotion.id});
}

}  // namespace

// How many buyers are left; with none the promotion is gone too. What an order took part in is
// removed with it in one transaction, so a crash in between leaves whole orders and no others. The
// counters of the item are not true until its last row is gone.
Result<std::int64_t> Rehearsals::remove_in(sql::Transaction& tx, PromotionId id) const {
    const auto promotion = find_shadow(tx, id);
    if (promotion.has_error()) return promotion.error();
    if (promotion->state == flash_sale::PromotionState::published) {
        const auto ended = parts_.flash_sale.promotions.end(tx, std::nullopt, id);
        if (ended.has_error()) return ended.error();
    }
    const std::string from = first_name(id);
    const std::string to = end_of_names(id);
    const auto buyers =
        tx.all(queries::rehearsal_buyers, {from, to, kRemovedPerCall}, [](const sql::Row& row) {
            return row.id<UserId>(0);
        });
    if (!buyers.empty()) {
        const std::string list = id_list(buyers);
        remove_orders_of(tx, list);
        remove_users(tx, list, promotion->items.front().id);
        for (const UserId buyer : buyers) parts_.accounts.sessions.refresh(tx, buyer);
    }
    const auto left = tx.find(queries::count_rehearsal_buyers, {from, to}, first_integer);
    if (left.value_or(0) == 0) remove_promotion(tx, *promotion);
    return left.value_or(0);
}

Task<http::Response> Rehearsals::remove(http::Request& request) {
    const PromotionId id = request.path_id<PromotionId>("id");
    const auto remove_some = [&](sql::Transaction& tx) { return remove_in(tx, id); };
    const auto left = co_await parts_.database.write(remove_some);
    co_await parts_.flash_sale.loader.reload();
    const auto render = [](std::int64_t buyers) { return json::object{{"left", buyers}}; };
    co_return http::answer(request, left, render);
}

http::Routes Rehearsals::routes() {
    using http::Method;
    const http::Access local = http::Access::local();
    using Handler = Task<http::Response> (Rehearsals::*)(http::Request&);
    const auto calls = [this](Handler handler) {
        return [this, handler](http::Request& r) { return (this->*handler)(r); };
    };
    static constexpr auto kOne = "/local/v1/rehearsals/{id}";
    return {
        {Method::post, "/local/v1/rehearsals", local, calls(&Rehearsals::create)},
        {Method::get, "/local/v1/rehearsals", local, calls(&Rehearsals::list)},
        {Method::get, kOne, local, calls(&Rehearsals::state)},
        {Method::post, "/local/v1/rehearsals/{id}/buyers", local, calls(&Rehearsals::add_buyers)},
        {Method::del, kOne, local, calls(&Rehearsals::remove)}};
}

}  // namespace doorbuster::app
