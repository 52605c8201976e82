#include "pay_api/app_store.hpp"

#include <algorithm>

#include "pay_api/sql.hpp"

namespace doorbuster::pay_api::store {
namespace {

std::optional<UserId> user_of(const sql::Row& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return row.id<UserId>(column);
}

PayApp app_of(const sql::Row& row) {
    PayApp app;
    app.id = row.id<AppId>(0);
    app.name = row.string(1);
    app.endpoint = row.id<WebhookId>(2);
    app.enabled = row.boolean(3);
    app.created_at = row.time(4);
    app.created_by = user_of(row, 5);
    app.return_url = row.string(6);
    return app;
}

AppKey key_of(const sql::Row& row) {
    return {row.string(0), row.id<AppId>(1), row.time(2), user_of(row, 3)};
}

KeyHolder holder_of(const sql::Row& row) {
    KeyHolder holder;
    const sql::Bytes hash = row.bytes(0);
    // A hash of another size is no hash of ours; it stays all zeros, which nothing hashes to.
    if (hash.size() == holder.hash.size()) std::ranges::copy(hash, holder.hash.begin());
    holder.app = row.id<AppId>(1);
    holder.name = row.string(2);
    holder.enabled = row.boolean(3);
    return holder;
}

}  // namespace

std::optional<AppId> insert(sql::Transaction& tx, const PayApp& app) {
    return tx.find(
        queries::insert_app,
        {app.name, app.endpoint, app.created_at, app.created_by, app.return_url},
        [](const sql::Row& row) { return row.id<AppId>(0); }
    );
}

std::optional<PayApp> find(sql::Reader& reader, AppId id) {
    return reader.find(queries::find_app, {id}, app_of);
}

std::optional<PayApp> find(sql::Reader& reader, std::string_view name) {
    return reader.find(queries::find_app_by_name, {name}, app_of);
}

std::vector<PayApp> all(sql::Reader& reader) {
    return reader.all(queries::all_apps, sql::Params{}, app_of);
}

std::int64_t count(sql::Reader& reader) {
    const auto number = [](const sql::Row& row) { return row.integer(0); };
    return reader.find(queries::count_apps, {}, number).value_or(0);
}

void enable(sql::Transaction& tx, AppId id, bool enabled) {
    tx.execute(queries::enable_app, {id, enabled ? 1 : 0});
}

void set_return_url(sql::Transaction& tx, AppId id, std::string_view url) {
    tx.execute(queries::set_return_url, {id, url});
}

bool insert_key(sql::Transaction& tx, const AppKey& key, const KeyHash& hash) {
    const auto rows = tx.execute(
        queries::insert_key, {key.app, key.id, sql::Bytes{hash}, key.created_at, key.created_by}
    );
    return rows == 1;
}

std::vector<AppKey> keys(sql::Reader& reader, AppId app) {
    return reader.all(queries::keys_alive, {app}, key_of);
}

bool revoke_key(sql::Transaction& tx, AppId app, std::string_view key, Time now) {
    return tx.execute(queries::revoke_key, {app, key, now}) == 1;
}

std::optional<KeyHolder> find_by_key(sql::Reader& reader, std::string_view key) {
    return reader.find(queries::find_by_key, {key}, holder_of);
}

}  // namespace doorbuster::pay_api::store
