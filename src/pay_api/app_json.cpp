#include "pay_api/app_json.hpp"

#include <boost/json.hpp>

namespace doorbuster::pay_api {
namespace {

namespace json = boost::json;

json::value user_or_null(const std::optional<UserId>& user) {
    return user ? json::value(user->to_string()) : json::value{};
}

json::value time_or_null(const std::optional<Time>& time) {
    return time ? json::value(to_rfc3339(*time)) : json::value{};
}

json::value secret_or_null(const Secret& secret, bool told) {
    return told ? json::value(secret.reveal()) : json::value{};
}

}  // namespace

json::object to_json(const AppService::View& view) {
    json::array keys;
    for (const AppKey& key : view.keys) {
        keys.push_back(json::object{
            {"id", key.id},
            {"created_at", to_rfc3339(key.created_at)},
            {"created_by", user_or_null(key.created_by)}});
    }
    const std::string& url = view.notify_url;
    const std::string& back = view.app.return_url;
    return {
        {"id", view.app.id.to_string()},
        {"name", view.app.name},
        {"notify_url", url.empty() ? json::value{} : json::value(url)},
        {"return_url", back.empty() ? json::value{} : json::value(back)},
        {"enabled", view.app.enabled},
        {"keys", std::move(keys)},
        {"old_signing_secret_until", time_or_null(view.old_secret_until)},
        {"created_at", to_rfc3339(view.app.created_at)},
        {"created_by", user_or_null(view.app.created_by)}};
}

json::object to_json(const AppService::Created& created, bool told) {
    json::object data = to_json(created.view);
    data["key"] = secret_or_null(created.key, told);
    data["signing_secret"] = secret_or_null(created.signing_secret, told);
    return data;
}

json::object to_json(const AppService::NewKeyOf& made, bool told) {
    json::object data = to_json(made.view);
    data["key"] = secret_or_null(made.key, told);
    return data;
}

json::object to_json(const AppService::NewSecret& made) {
    return {
        {"signing_secret", made.secret.reveal()},
        {"old_signing_secret_until", time_or_null(made.old_until)}};
}

}  // namespace doorbuster::pay_api
