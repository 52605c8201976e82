#include "catalog/category_routes.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <string>

#include "catalog/model/errors.hpp"
#include "catalog/pages/category_json.hpp"
#include "http/envelope.hpp"
#include "http/fields.hpp"
#include "idempotency/idempotency.hpp"

namespace doorbuster::catalog {
namespace {

using http::Access;
using http::Fields;
using http::Request;
using http::Response;

constexpr http::TextLimits kName{.max = kCategoryNameMax};

std::string subject(CategoryId id) { return "category:" + id.to_string(); }

std::string category_text(const CatalogDeps& deps, sql::Reader& reader, CategoryId id) {
    const CategoryTree tree = deps.categories.tree(reader);
    return boost::json::serialize(category_json(tree.find(id)->category));
}

Task<Response> list_all(CatalogDeps& deps, Request& request) {
    const auto read_tree = [&deps](sql::Reader& reader) { return deps.categories.tree(reader); };
    const CategoryTree tree = co_await deps.database.read(read_tree);
    co_return http::ok(request, admin_tree_json(tree));
}

Task<Response> create(CatalogDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const auto parent = fields.optional_id<CategoryId>("parent_id");
    const std::string name = fields.text("name", kName);
    const bool hidden = fields.optional_boolean("hidden").value_or(false);
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());

    const UserId actor = request.user();
    const idempotency::Work work = [&deps, parent, name, hidden, actor](sql::Transaction& tx) {
        const auto id = deps.categories.create(tx, parent, name, hidden);
        if (id.has_error()) return Result<std::string>{id.error()};
        deps.audit.append(tx, actor, "category.created", subject(*id), name);
        return Result<std::string>{category_text(deps, tx, *id)};
    };
    Task<Response> answer = idempotency::respond(deps.database, deps.clock, request, 201, work);
    co_return co_await std::move(answer);
}

// Runs a change of the category that the path names, notes it, and answers the category.
using Change = std::function<Result<void>(sql::Transaction&, CategoryId)>;
Task<Response> change_category(
    CatalogDeps& deps, Request& request, std::string action, std::string detail, Change change
) {
    const auto id = request.path_id<CategoryId>("id");
    const UserId actor = request.user();
    const auto change_in = [&](sql::Transaction& tx) -> Result<std::string> {
        if (auto bad = change(tx, id); bad.has_error()) return bad.error();
        deps.audit.append(tx, actor, action, subject(id), detail);
        return category_text(deps, tx, id);
    };
    const auto outcome = co_await deps.database.write(change_in);
    if (outcome.has_error()) co_return http::failure(request, outcome.error());
    co_return http::ok_json(request, *outcome);
}

Task<Response> update(CatalogDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const CategoryService::Changes changes{
        .name = fields.optional_text("name", kName), .hidden = fields.optional_boolean("hidden")};
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());

    std::string detail = changes.name.value_or("");
    if (changes.hidden) detail += *changes.hidden ? " hidden" : " shown";
    const Change change = [&deps, changes](sql::Transaction& tx, CategoryId id) {
        return deps.categories.update(tx, id, changes);
    };
    Task<Response> answer = change_category(deps, request, "category.changed", detail, change);
    co_return co_await std::move(answer);
}

Task<Response> move(CatalogDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const auto parent = fields.optional_id<CategoryId>("parent_id");
    const auto position = fields.optional_integer("position", 0, kCategoriesMax);
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());

    const Change change = [&deps, parent, position](sql::Transaction& tx, CategoryId id) {
        const auto at =
            position ? std::optional{static_cast<std::size_t>(*position)} : std::nullopt;
        return deps.categories.move(tx, id, parent, at);
    };
    const std::string detail = "below " + (parent ? parent->to_string() : std::string{"the root"});
    Task<Response> answer = change_category(deps, request, "category.moved", detail, change);
    co_return co_await std::move(answer);
}

Task<Response> remove(CatalogDeps& deps, Request& request) {
    const auto id = request.path_id<CategoryId>("id");
    const UserId actor = request.user();
    const auto remove_in = [&deps, id, actor](sql::Transaction& tx) -> Result<void> {
        if (auto bad = deps.categories.remove(tx, id); bad.has_error()) return bad;
        deps.audit.append(tx, actor, "category.deleted", subject(id), "");
        return {};
    };
    const auto outcome = co_await deps.database.write(remove_in);
    co_return http::answer(request, outcome);
}

}  // namespace

http::Routes category_routes(CatalogDeps& deps) {
    const auto staff = Access::staff(Right::catalog);
    const auto handler = [&deps](auto handle) {
        return http::AsyncHandler{[&deps, handle](Request& r) { return handle(deps, r); }};
    };
    const http::HybridHandler public_tree{
        [&deps](Request& r) { return deps.category_pages.answer_at_once(r); },
        [&deps](Request& r) { return deps.category_pages.answer(r); }};
    const std::string admin = "/api/admin/v1/categories";
    using http::Method;
    return {
        {Method::get, "/api/v1/categories", Access::anyone(), public_tree},
        {Method::get, admin, staff, handler(list_all)},
        {Method::post, admin, staff, handler(create)},
        {Method::patch, admin + "/{id}", staff, handler(update)},
        {Method::put, admin + "/{id}/position", staff, handler(move)},
        {Method::del, admin + "/{id}", staff, handler(remove)}};
}

}  // namespace doorbuster::catalog
