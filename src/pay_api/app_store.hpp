#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "pay_api/app_key.hpp"
#include "pay_api/pay_app.hpp"
#include "ports/sql.hpp"

// Rows <-> values, inside a caller's transaction.
namespace doorbuster::pay_api::store {

// Nothing when the name is taken.
std::optional<AppId> insert(sql::Transaction& tx, const PayApp& app);
std::optional<PayApp> find(sql::Reader& reader, AppId id);
std::optional<PayApp> find(sql::Reader& reader, std::string_view name);
std::vector<PayApp> all(sql::Reader& reader);
std::int64_t count(sql::Reader& reader);
void enable(sql::Transaction& tx, AppId id, bool enabled);
void set_return_url(sql::Transaction& tx, AppId id, std::string_view url);

// False when the app has kKeysMax of them.
bool insert_key(sql::Transaction& tx, const AppKey& key, const KeyHash& hash);
// Those that are alive, the oldest first.
std::vector<AppKey> keys(sql::Reader& reader, AppId app);
bool revoke_key(sql::Transaction& tx, AppId app, std::string_view key, Time now);

// Whose key this is; the hash is for the caller to compare.
struct KeyHolder {
    KeyHash hash{};
    AppId app;
    std::string name;
    bool enabled = false;
};
std::optional<KeyHolder> find_by_key(sql::Reader& reader, std::string_view key);

}  // namespace doorbuster::pay_api::store
