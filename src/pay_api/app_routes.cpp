#include "pay_api/app_routes.hpp"

#include <boost/json.hpp>

#include "http/envelope.hpp"
#include "http/listing.hpp"
#include "pay_api/app_json.hpp"
#include "pay_api/app_requests.hpp"
#include "webhooks/delivery_json.hpp"

namespace doorbuster::pay_api {
namespace {

namespace json = boost::json;
using http::Fields;
using http::Request;
using http::Response;

constexpr std::size_t kBodyBytesMax = 16 * 1024;

json::object render(const AppService::View& view) { return to_json(view); }

Task<Response> list(AppRoutesDeps& deps, Request& request) {
    const auto read = [&](sql::Reader& reader) { return deps.apps.list(reader); };
    const auto views = co_await deps.database.read(read);
    json::array rows;
    for (const auto& view : views) rows.push_back(to_json(view));
    co_return http::ok(request, http::whole_listing_json(std::move(rows), kAppsMax));
}

Task<Response> create(AppRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const NewApp wanted = read_new_app(fields);
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto work = [&](sql::Transaction& tx) {
        return create_app(deps, tx, request.user(), wanted);
    };
    Task<Response> answer = respond_once(deps, request, work);
    co_return co_await std::move(answer);
}

Task<Response> show(AppRoutesDeps& deps, Request& request) {
    const auto id = request.path_id<AppId>("id");
    const auto read = [&](sql::Reader& reader) { return deps.apps.find(reader, id); };
    const auto view = co_await deps.database.read(read);
    co_return http::answer(request, view, render);
}

Task<Response> change(AppRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    AppService::Change wanted;
    wanted.notify_url = read_notify_url(fields);
    wanted.return_url = read_return_url(fields);
    wanted.enabled = fields.optional_boolean("enabled");
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto id = request.path_id<AppId>("id");
    const auto work = [&](sql::Transaction& tx) {
        return deps.apps.change(tx, request.user(), id, wanted);
    };
    const auto view = co_await deps.database.write(work);
    co_return http::answer(request, view, render);
}

Task<Response> another_key(AppRoutesDeps& deps, Request& request) {
    const auto id = request.path_id<AppId>("id");
    const auto work = [&](sql::Transaction& tx) { return add_key(deps, tx, request.user(), id); };
    Task<Response> answer = respond_once(deps, request, work);
    co_return co_await std::move(answer);
}

Task<Response> revoke(AppRoutesDeps& deps, Request& request) {
    const auto id = request.path_id<AppId>("id");
    const std::string key{request.path_param("key")};
    const auto work = [&](sql::Transaction& tx) {
        return deps.apps.revoke_key(tx, request.user(), id, key);
    };
    const auto view = co_await deps.database.write(work);
    co_return http::answer(request, view, render);
}

Task<Response> renew_signing_secret(AppRoutesDeps& deps, Request& request) {
    const auto overlap = read_overlap(request);
    if (overlap.has_error()) co_return http::failure(request, overlap.error());
    const auto id = request.path_id<AppId>("id");
    const auto work = [&](sql::Transaction& tx) {
        return deps.apps.renew_signing_secret(tx, request.user(), id, *overlap);
    };
    const auto secret = co_await deps.database.write(work);
    co_return http::answer(request, secret, [](const AppService::NewSecret& made) {
        return to_json(made);
    });
}

Task<Response> deliveries(AppRoutesDeps& deps, Request& request) {
    Fields query = Fields::query(request);
    const auto word = query.optional_word("state", {"waiting", "delivered", "given_up"});
    const http::Page page = http::page_of(query);
    if (auto bad = query.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto id = request.path_id<AppId>("id");
    const std::string state = word.value_or("");
    const auto read = [&](sql::Reader& reader) {
        return deps.apps.deliveries(reader, id, state, page.page_size, page.offset());
    };
    const auto found = co_await deps.database.read(read);
    co_return http::answer(request, found, [&](const webhooks::Endpoints::Log& log) {
        json::array rows;
        for (const auto& delivery : log.deliveries) rows.push_back(webhooks::to_json(delivery));
        return http::listing_json(std::move(rows), log.total, page);
    });
}

Task<Response> redeliver(AppRoutesDeps& deps, Request& request) {
    const auto id = request.path_id<AppId>("id");
    const auto delivery = request.path_id<webhooks::DeliveryId>("delivery");
    const auto work = [&](sql::Transaction& tx) {
        return deps.apps.redeliver(tx, request.user(), id, delivery);
    };
    const auto sent = co_await deps.database.write(work);
    co_return http::answer(request, sent, [](const webhooks::Delivery& found) {
        return webhooks::to_json(found);
    });
}

}  // namespace

http::Routes app_routes(AppRoutesDeps& deps) {
    using http::Method;
    const auto finance = http::Access::staff(Right::finance);
    const std::string root = "/api/admin/v1/pay-apps";
    const std::string one = root + "/{id}";
    const auto to = [&deps](auto handler) -> http::AsyncHandler {
        return [&deps, handler](Request& r) { return handler(deps, r); };
    };
    const http::RouteOptions small{.body_bytes_max = kBodyBytesMax};
    return {
        {Method::get, root, finance, to(list)},
        {Method::post, root, finance, to(create), small},
        {Method::get, one, finance, to(show)},
        {Method::patch, one, finance, to(change), small},
        {Method::post, one + "/keys", finance, to(another_key), small},
        {Method::del, one + "/keys/{key}", finance, to(revoke)},
        {Method::post, one + "/signing-secret", finance, to(renew_signing_secret), small},
        {Method::get, one + "/deliveries", finance, to(deliveries)},
        {Method::post, one + "/deliveries/{delivery}/redeliver", finance, to(redeliver), small}};
}

}  // namespace doorbuster::pay_api
