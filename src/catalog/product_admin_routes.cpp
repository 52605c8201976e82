#include <algorithm>
#include <string>

#include "catalog/model/catalog_lock.hpp"
#include "catalog/model/errors.hpp"
#include "catalog/pages/listing_answer.hpp"
#include "catalog/pages/product_json.hpp"
#include "catalog/product_body.hpp"
#include "catalog/product_routes.hpp"
#include "http/envelope.hpp"
#include "idempotency/idempotency.hpp"

namespace doorbuster::catalog {
namespace {

using http::Access;
using http::Fields;
using http::Request;
using http::Response;

// A product as staff see it, and its version for If-Match.
struct Shown {
    std::string text;
    std::string version;
};

Shown shown(const CatalogDeps& deps, sql::Reader& reader, ProductId id) {
    const Product product = *deps.products.find(reader, id);
    return {admin_product_text(reader, deps.inventory, product), version_of(product)};
}

Response answer_shown(const Request& request, const Shown& product) {
    Response response = http::ok_json(request, product.text);
    response.with("ETag", '"' + product.version + '"');
    return response;
}

std::string subject(ProductId id) { return "product:" + id.to_string(); }

// Gives the SKUs that were not there before the stock the body brings for them.
void grant_initial_stock(
    const CatalogDeps& deps,
    sql::Transaction& tx,
    ProductId id,
    const std::vector<Sku>& before,
    const std::optional<std::vector<SkuBody>>& bodies,
    UserId actor
) {
    if (!bodies) return;
    const Product product = *deps.products.find(tx, id);
    for (std::size_t i = 0; i < bodies->size(); ++i) {
        const SkuId sku = product.content.skus[i].id;
        const bool fresh = std::ranges::find(before, sku, &Sku::id) == before.end();
        const std::int64_t units = (*bodies)[i].initial_stock;
        if (fresh && units > 0) deps.inventory.grant(tx, sku, units, actor, "initial stock");
    }
}

Task<Response> list(CatalogDeps& deps, Request& request) {
    Fields query = Fields::query(request);
    const ListingRequest asked = read_admin_listing(query);
    if (auto bad = query.check(); bad.has_error()) co_return http::failure(request, bad.error());

    const auto list_in = [&deps, &asked](sql::Reader& reader) {
        return run_listing(reader, deps.categories, asked, Audience::staff);
    };
    const Listing listing = co_await deps.database.read(list_in);
    co_return listing_answer(request, asked, listing, Audience::staff);
}

Task<Response> create(CatalogDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const ProductBody body = read_product_body(fields, BodyKind::whole);
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());

    const UserId actor = request.user();
    const idempotency::Work work = [&deps, body, actor](sql::Transaction& tx) {
        ProductContent content;
        body.apply_to(content);
        const auto id = deps.products.create(tx, std::move(content));
        if (id.has_error()) return Result<std::string>{id.error()};
        grant_initial_stock(deps, tx, *id, {}, body.skus, actor);
        deps.audit.append(tx, actor, "product.created", subject(*id), *body.title);
        return Result<std::string>{shown(deps, tx, *id).text};
    };
    Task<Response> answer = idempotency::respond(deps.database, deps.clock, request, 201, work);
    co_return co_await std::move(answer);
}

Task<Response> get(CatalogDeps& deps, Request& request) {
    const auto id = request.path_id<ProductId>("id");
    const auto read_in = [&deps, id](sql::Reader& reader) -> Result<Shown> {
        if (!deps.products.find(reader, id)) return kProductNotFound;
        return shown(deps, reader, id);
    };
    const auto found = co_await deps.database.read(read_in);
    if (found.has_error()) co_return http::failure(request, found.error());
    co_return answer_shown(request, *found);
}

Result<Shown> save(
    const CatalogDeps& deps,
    sql::Transaction& tx,
    ProductId id,
    const ProductBody& body,
    BodyKind kind,
    std::optional<Time> expected,
    UserId actor
) {
    lock_catalog(tx);  // what a patch is laid over must not change before it is written
    const auto stored = deps.products.find(tx, id);
    if (!stored) return kProductNotFound;
    ProductContent content = kind == BodyKind::patch ? stored->content : ProductContent{};
    body.apply_to(content);
    const auto changed = deps.products.update(tx, id, std::move(content), expected);
    if (changed.has_error()) return changed.error();
    if (*changed) {
        grant_initial_stock(deps, tx, id, stored->content.skus, body.skus, actor);
        deps.audit.append(tx, actor, "product.changed", subject(id), stored->content.title);
    }
    return shown(deps, tx, id);
}

Task<Response> write_product(CatalogDeps& deps, Request& request, BodyKind kind) {
    Fields fields = Fields::body(request);
    const ProductBody body = read_product_body(fields, kind);
    const auto expected = read_version(fields, request);
    if (kind == BodyKind::whole && !body.skus) fields.reject("skus", "is required");
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());

    const auto id = request.path_id<ProductId>("id");
    const UserId actor = request.user();
    const auto save_in = [&](sql::Transaction& tx) {
        return save(deps, tx, id, body, kind, expected, actor);
    };
    const auto saved = co_await deps.database.write(save_in);
    if (saved.has_error()) co_return http::failure(request, saved.error());
    co_return answer_shown(request, *saved);
}

Task<Response> set_status(CatalogDeps& deps, Request& request, ProductStatus status) {
    const auto id = request.path_id<ProductId>("id");
    const UserId actor = request.user();
    const auto set_in = [&deps, id, status, actor](sql::Transaction& tx) -> Result<Shown> {
        const auto set = deps.products.set_status(tx, id, status);
        if (set.has_error()) return set.error();
        deps.audit.append(tx, actor, "product.status", subject(id), to_string(status));
        return shown(deps, tx, id);
    };
    const auto outcome = co_await deps.database.write(set_in);
    if (outcome.has_error()) co_return http::failure(request, outcome.error());
    co_return answer_shown(request, *outcome);
}

}  // namespace

http::Routes product_admin_routes(CatalogDeps& deps) {
    const auto staff = Access::staff(Right::catalog);
    const auto handler = [&deps](auto handle, auto... more) {
        return http::AsyncHandler{
            [&deps, handle, more...](Request& r) { return handle(deps, r, more...); }};
    };
    const std::string all = "/api/admin/v1/products";
    const std::string one = all + "/{id}";
    using http::Method;
    return {
        {Method::get, all, staff, handler(list)},
        {Method::post, all, staff, handler(create)},
        {Method::get, one, staff, handler(get)},
        {Method::put, one, staff, handler(write_product, BodyKind::whole)},
        {Method::patch, one, staff, handler(write_product, BodyKind::patch)},
        {Method::post, one + "/publish", staff, handler(set_status, ProductStatus::active)},
        {Method::post, one + "/unpublish", staff, handler(set_status, ProductStatus::draft)},
        {Method::post, one + "/archive", staff, handler(set_status, ProductStatus::archived)}};
}

}  // namespace doorbuster::catalog
