#include "pay_api/app_service.hpp"

#include "http/errors.hpp"
#include "pay_api/errors.hpp"

namespace doorbuster::pay_api {

void AppService::note(
    sql::Transaction& tx,
    Actor actor,
    std::string_view action,
    const PayApp& app,
    std::string_view detail
) const {
    audit_.append(tx, actor, action, "pay_app:" + app.id.to_string(), detail);
}

AppService::View AppService::view_of(sql::Reader& reader, const PayApp& app) const {
    const auto endpoint = endpoints_.find(reader, app.endpoint);
    View view{app, endpoint ? endpoint->url : "", store::keys(reader, app.id), std::nullopt};
    const auto until = endpoint ? endpoint->old_secret_until : std::nullopt;
    if (until && clock_.now() < *until) view.old_secret_until = until;
    return view;
}

Result<NewKey> AppService::make_key(sql::Transaction& tx, Actor actor, AppId app) const {
    NewKey key = new_key(random_);
    const AppKey row{key.id, app, clock_.now(), actor};
    if (!store::insert_key(tx, row, key.hash)) return kTooManyKeys;
    return key;
}

Result<AppService::Created> AppService::create(
    sql::Transaction& tx,
    Actor actor,
    const std::string& name,
    const std::string& notify_url,
    const std::string& return_url
) const {
    if (store::count(tx) >= static_cast<std::int64_t>(kAppsMax)) return kTooManyApps;
    const auto endpoint = endpoints_.add(tx, notify_url);
    PayApp app;
    app.name = name;
    app.endpoint = endpoint.id;
    app.created_at = clock_.now();
    app.created_by = actor;
    app.return_url = return_url;
    const auto id = store::insert(tx, app);
    if (!id) return kAppNameTaken;
    app.id = *id;
    const auto key = make_key(tx, actor, app.id);
    if (key.has_error()) return key.error();
    note(tx, actor, "pay_app.created", app, name + " " + key->id);
    return Created{view_of(tx, app), key->whole, endpoint.secret};
}

Result<AppService::View> AppService::change(
    sql::Transaction& tx, Actor actor, AppId id, const Change& change
) const {
    auto app = store::find(tx, id);
    if (!app) return kAppNotFound;
    if (change.notify_url) {
        const auto moved = endpoints_.move(tx, app->endpoint, *change.notify_url);
        if (moved.has_error()) return moved.error();
        note(tx, actor, "pay_app.notify_url_changed", *app, *change.notify_url);
    }
    if (change.return_url) {
        app->return_url = *change.return_url;
        store::set_return_url(tx, id, app->return_url);
        note(tx, actor, "pay_app.return_url_changed", *app, app->return_url);
    }
    if (change.enabled && *change.enabled != app->enabled) {
        app->enabled = *change.enabled;
        store::enable(tx, id, app->enabled);
        note(tx, actor, app->enabled ? "pay_app.enabled" : "pay_app.disabled", *app, app->name);
    }
    return view_of(tx, *app);
}

Result<AppService::NewKeyOf> AppService::add_key(sql::Transaction& tx, Actor actor, AppId id)
    const {
    const auto app = store::find(tx, id);
    if (!app) return kAppNotFound;
    const auto key = make_key(tx, actor, id);
    if (key.has_error()) return key.error();
    note(tx, actor, "pay_app.key_added", *app, key->id);
    return NewKeyOf{view_of(tx, *app), key->id, key->whole};
}

Result<AppService::View> AppService::revoke_key(
    sql::Transaction& tx, Actor actor, AppId id, const std::string& key
) const {
    const auto app = store::find(tx, id);
    if (!app) return kAppNotFound;
    if (!store::revoke_key(tx, id, key, clock_.now())) return kKeyNotFound;
    note(tx, actor, "pay_app.key_revoked", *app, key);
    return view_of(tx, *app);
}

Result<AppService::NewSecret> AppService::renew_signing_secret(
    sql::Transaction& tx, Actor actor, AppId id, Milliseconds overlap
) const {
    const auto app = store::find(tx, id);
    if (!app) return kAppNotFound;
    const auto endpoint = endpoints_.renew_secret(tx, app->endpoint, overlap);
    if (endpoint.has_error()) return endpoint.error();
    const auto& until = endpoint->old_secret_until;
    const std::string detail = until ? app->name + ", the older signs until " + to_rfc3339(*until)
                                     : app->name + ", the older ended";
    note(tx, actor, "pay_app.signing_secret_renewed", *app, detail);
    return NewSecret{endpoint->secret, until};
}

Result<webhooks::Delivery> AppService::redeliver(
    sql::Transaction& tx, Actor actor, AppId id, webhooks::DeliveryId delivery
) const {
    const auto app = store::find(tx, id);
    if (!app) return kAppNotFound;
    auto sent = endpoints_.redeliver(tx, app->endpoint, delivery);
    if (sent.has_value()) note(tx, actor, "pay_app.redelivered", *app, delivery.to_string());
    return sent;
}

Result<AppService::View> AppService::find(sql::Reader& reader, AppId id) const {
    const auto app = store::find(reader, id);
    if (!app) return kAppNotFound;
    return view_of(reader, *app);
}

Result<AppService::View> AppService::find(sql::Reader& reader, std::string_view name) const {
    const auto app = store::find(reader, name);
    if (!app) return kAppNotFound;
    return view_of(reader, *app);
}

std::vector<AppService::View> AppService::list(sql::Reader& reader) const {
    std::vector<View> views;
    for (const PayApp& app : store::all(reader)) views.push_back(view_of(reader, app));
    return views;
}

Result<webhooks::Endpoints::Log> AppService::deliveries(
    sql::Reader& reader, AppId id, const std::string& state, std::int64_t limit, std::int64_t offset
) const {
    const auto app = store::find(reader, id);
    if (!app) return kAppNotFound;
    return endpoints_.log(reader, app->endpoint, state, limit, offset);
}

std::string AppService::place_of(sql::Reader& reader, std::string_view app) {
    const auto known = store::find(reader, app);
    return known ? known->return_url : std::string{};
}

Task<Result<http::AppPrincipal>> AppService::authenticate_app(const http::Request& request) {
    const std::string_view header = request.header("Authorization");
    if (header.empty()) co_return http::kUnauthenticated;
    const auto given = parse_key(header);
    if (!given) co_return kAppKeyInvalid;
    const auto read = [&](sql::Reader& reader) { return store::find_by_key(reader, given->id); };
    const auto holder = co_await database_.read(read);
    const bool right = equal(holder.value_or(store::KeyHolder{}).hash, hash_of(given->secret));
    if (!holder || !right) co_return kAppKeyInvalid;
    if (!holder->enabled) co_return kAppDisabled;
    co_return http::AppPrincipal{holder->app, holder->name};
}

}  // namespace doorbuster::pay_api
