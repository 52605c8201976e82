#include <boost/json.hpp>

#include "http/envelope.hpp"
#include "pay_api/app_json.hpp"
#include "pay_api/app_requests.hpp"
#include "pay_api/app_routes.hpp"

namespace doorbuster::pay_api {
namespace {

namespace json = boost::json;
using http::Fields;
using http::Request;
using http::Response;

constexpr AppService::Actor kThisMachine = std::nullopt;

Task<Response> list(AppRoutesDeps& deps, Request& request) {
    const auto read = [&](sql::Reader& reader) { return deps.apps.list(reader); };
    const auto views = co_await deps.database.read(read);
    json::array rows;
    for (const auto& view : views) rows.push_back(to_json(view));
    co_return http::ok(request, json::object{{"list", std::move(rows)}});
}

Task<Response> create(AppRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const NewApp wanted = read_new_app(fields);
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto work = [&](sql::Transaction& tx) {
        return create_app(deps, tx, kThisMachine, wanted);
    };
    Task<Response> answer = respond_once(deps, request, work);
    co_return co_await std::move(answer);
}

Task<Response> another_key(AppRoutesDeps& deps, Request& request) {
    const auto work = [&](sql::Transaction& tx) -> Result<Shown> {
        const auto view = deps.apps.find(tx, request.path_param("name"));
        if (view.has_error()) return view.error();
        return add_key(deps, tx, kThisMachine, view->app.id);
    };
    Task<Response> answer = respond_once(deps, request, work);
    co_return co_await std::move(answer);
}

Task<Response> revoke(AppRoutesDeps& deps, Request& request) {
    const std::string key{request.path_param("key")};
    const auto work = [&](sql::Transaction& tx) -> Result<AppService::View> {
        const auto view = deps.apps.find(tx, request.path_param("name"));
        if (view.has_error()) return view.error();
        return deps.apps.revoke_key(tx, kThisMachine, view->app.id, key);
    };
    const auto view = co_await deps.database.write(work);
    co_return http::answer(request, view, [](const AppService::View& left) {
        return to_json(left);
    });
}

Task<Response> renew_signing_secret(AppRoutesDeps& deps, Request& request) {
    const auto overlap = read_overlap(request);
    if (overlap.has_error()) co_return http::failure(request, overlap.error());
    const auto work = [&](sql::Transaction& tx) -> Result<AppService::NewSecret> {
        const auto view = deps.apps.find(tx, request.path_param("name"));
        if (view.has_error()) return view.error();
        return deps.apps.renew_signing_secret(tx, kThisMachine, view->app.id, *overlap);
    };
    const auto secret = co_await deps.database.write(work);
    co_return http::answer(request, secret, [](const AppService::NewSecret& made) {
        return to_json(made);
    });
}

}  // namespace

http::Routes local_app_routes(AppRoutesDeps& deps) {
    using http::Method;
    const auto local = http::Access::local();
    const std::string root = "/local/v1/pay-apps";
    const auto to = [&deps](auto handler) -> http::AsyncHandler {
        return [&deps, handler](Request& r) { return handler(deps, r); };
    };
    return {
        {Method::get, root, local, to(list)},
        {Method::post, root, local, to(create)},
        {Method::post, root + "/{name}/keys", local, to(another_key)},
        {Method::del, root + "/{name}/keys/{key}", local, to(revoke)},
        {Method::post, root + "/{name}/signing-secret", local, to(renew_signing_secret)}};
}

}  // namespace doorbuster::pay_api
