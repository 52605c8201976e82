#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "catalog/model/catalog_lock.hpp"
#include "catalog/model/errors.hpp"
#include "catalog/pages/product_json.hpp"
#include "catalog/product_body.hpp"
#include "catalog/product_routes.hpp"
#include "catalog/store/offer_lookup.hpp"
#include "http/envelope.hpp"
#include "http/listing.hpp"
#include "idempotency/idempotency.hpp"
#include "inventory/stock_ledger.hpp"

namespace doorbuster::catalog {
namespace {

namespace json = boost::json;
using http::Access;
using http::Fields;
using http::Request;
using http::Response;

std::string subject(SkuId id) { return "sku:" + id.to_string(); }

// The product of a SKU on offer, the catalog locked until the end.
Result<Product> product_of_sku(const CatalogDeps& deps, sql::Transaction& tx, SkuId sku) {
    lock_catalog(tx);
    const auto id = deps.products.product_of(tx, sku);
    if (!id) return kSkuNotFound;
    return *deps.products.find(tx, *id);
}

Result<std::string> add_sku(
    const CatalogDeps& deps, sql::Transaction& tx, ProductId id, const SkuBody& body, UserId actor
) {
    lock_catalog(tx);
    const auto stored = deps.products.find(tx, id);
    if (!stored) return kProductNotFound;
    ProductContent content = stored->content;
    Sku& sku = content.skus.emplace_back();
    body.apply_to(sku);
    sku.id = {};
    const auto changed = deps.products.update(tx, id, content);
    if (changed.has_error()) return changed.error();

    const Product product = *deps.products.find(tx, id);
    const SkuId added = product.content.skus.back().id;
    if (body.initial_stock > 0) {
        deps.inventory.grant(tx, added, body.initial_stock, actor, "initial stock");
    }
    deps.audit.append(tx, actor, "sku.created", subject(added), product.content.title);
    return admin_sku_text(tx, deps.inventory, product, added);
}

Task<Response> create(CatalogDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const SkuBody body = read_sku_body(fields, BodyKind::whole);
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());

    const auto id = request.path_id<ProductId>("id");
    const UserId actor = request.user();
    const idempotency::Work work = [&deps, id, body, actor](sql::Transaction& tx) {
        return add_sku(deps, tx, id, body, actor);
    };
    Task<Response> answer = idempotency::respond(deps.database, deps.clock, request, 201, work);
    co_return co_await std::move(answer);
}

Result<std::string> change_sku(
    const CatalogDeps& deps, sql::Transaction& tx, SkuId id, const SkuBody& body, UserId actor
) {
    const auto stored = product_of_sku(deps, tx, id);
    if (stored.has_error()) return stored.error();
    ProductContent content = stored->content;
    const auto sku = std::ranges::find(content.skus, id, &Sku::id);
    body.apply_to(*sku);
    sku->id = id;
    const auto changed = deps.products.update(tx, stored->id, content);
    if (changed.has_error()) return changed.error();
    if (*changed) deps.audit.append(tx, actor, "sku.changed", subject(id), stored->content.title);
    return admin_sku_text(tx, deps.inventory, *deps.products.find(tx, stored->id), id);
}

Task<Response> update(CatalogDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const SkuBody body = read_sku_body(fields, BodyKind::patch);
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());

    const auto id = request.path_id<SkuId>("id");
    const UserId actor = request.user();
    const auto change_in = [&](sql::Transaction& tx) {
        return change_sku(deps, tx, id, body, actor);
    };
    const auto outcome = co_await deps.database.write(change_in);
    if (outcome.has_error()) co_return http::failure(request, outcome.error());
    co_return http::ok_json(request, *outcome);
}

Task<Response> remove(CatalogDeps& deps, Request& request) {
    const auto id = request.path_id<SkuId>("id");
    const UserId actor = request.user();
    const auto remove_in = [&deps, id, actor](sql::Transaction& tx) -> Result<void> {
        const auto stored = product_of_sku(deps, tx, id);
        if (stored.has_error()) return stored.error();
        ProductContent content = stored->content;
        std::erase_if(content.skus, [id](const Sku& sku) { return sku.id == id; });
        const auto changed = deps.products.update(tx, stored->id, content);
        if (changed.has_error()) return changed.error();
        deps.audit.append(tx, actor, "sku.removed", subject(id), stored->content.title);
        return {};
    };
    const auto outcome = co_await deps.database.write(remove_in);
    co_return http::answer(request, outcome);
}

struct StockChange {
    std::optional<std::int64_t> available;
    std::optional<std::int64_t> difference;
    std::string note;
};

StockChange read_stock_change(Fields& fields) {
    constexpr std::int64_t kMax = inventory::InventoryService::kUnitsMax;
    StockChange change{
        fields.optional_integer("available", 0, kMax),
        fields.optional_integer("difference", -kMax, kMax),
        fields.optional_text("note", {.min = 0, .max = 255}).value_or("")};
    if (fields.has("available") == fields.has("difference")) {
        fields.reject("available", "must be given, or difference, but not both");
    }
    return change;
}

Result<inventory::StockLevel> change_stock(
    const CatalogDeps& deps,
    sql::Transaction& tx,
    SkuId sku,
    const StockChange& change,
    UserId actor
) {
    if (!deps.products.product_of(tx, sku)) return kSkuNotFound;
    const auto done =
        change.available
            ? deps.inventory.set_available(tx, sku, *change.available, actor, change.note)
            : deps.inventory.adjust(tx, sku, *change.difference, actor, change.note);
    if (done.has_error()) return done.error();
    const auto level = deps.inventory.levels(tx, std::span{&sku, 1})[sku];
    const std::string detail = "available " + std::to_string(level.available);
    deps.audit.append(tx, actor, "sku.stock", subject(sku), detail);
    return level;
}

Task<Response> put_stock(CatalogDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const StockChange change = read_stock_change(fields);
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());

    const auto sku = request.path_id<SkuId>("id");
    const UserId actor = request.user();
    const auto change_in = [&](sql::Transaction& tx) {
        return change_stock(deps, tx, sku, change, actor);
    };
    const auto outcome = co_await deps.database.write(change_in);
    co_return http::answer(request, outcome, [sku](const inventory::StockLevel& level) {
        return json::object{
            {"sku_id", sku.to_string()},
            {"available", level.available},
            {"reserved", level.reserved},
            {"sold", level.sold}};
    });
}

json::object entry_json(const inventory::LedgerEntry& entry) {
    const auto text = [](const auto& id) {
        return id ? json::value(id->to_string()) : json::value(nullptr);
    };
    return {
        {"id", std::to_string(entry.id)},
        {"kind", entry.kind},
        {"quantity", entry.quantity},
        {"order_no", text(entry.order)},
        {"actor", text(entry.actor)},
        {"note", entry.note},
        {"at", to_rfc3339(entry.at)}};
}

Task<Response> get_ledger(CatalogDeps& deps, Request& request) {
    Fields query = Fields::query(request);
    const http::Page page = http::page_of(query);
    if (auto bad = query.check(); bad.has_error()) co_return http::failure(request, bad.error());

    const auto sku = request.path_id<SkuId>("id");
    const auto read_in = [sku, page](sql::Reader& reader) -> Result<inventory::LedgerPage> {
        // Also of a removed SKU: its orders' movements stay.
        if (find_offers(reader, std::span{&sku, 1}).empty()) return kSkuNotFound;
        return inventory::list_ledger(reader, sku, page.offset(), page.page_size);
    };
    const auto found = co_await deps.database.read(read_in);
    co_return http::answer(request, found, [page](const inventory::LedgerPage& ledger) {
        json::array list;
        for (const auto& entry : ledger.entries) list.push_back(entry_json(entry));
        return http::listing_json(std::move(list), ledger.total, page);
    });
}

}  // namespace

http::Routes sku_admin_routes(CatalogDeps& deps) {
    const auto staff = Access::staff(Right::catalog);
    const auto handler = [&deps](auto handle) {
        return http::AsyncHandler{[&deps, handle](Request& r) { return handle(deps, r); }};
    };
    const std::string sku = "/api/admin/v1/skus/{id}";
    using http::Method;
    return {
        {Method::post, "/api/admin/v1/products/{id}/skus", staff, handler(create)},
        {Method::patch, sku, staff, handler(update)},
        {Method::del, sku, staff, handler(remove)},
        {Method::put, sku + "/stock", staff, handler(put_stock)},
        {Method::get, sku + "/stock-ledger", staff, handler(get_ledger)}};
}

}  // namespace doorbuster::catalog
