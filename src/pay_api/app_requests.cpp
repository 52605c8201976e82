#include "pay_api/app_requests.hpp"

#include <boost/json.hpp>

#include "http/envelope.hpp"
#include "idempotency/idempotency.hpp"
#include "pay_api/app_json.hpp"

namespace doorbuster::pay_api {
namespace {

constexpr std::int64_t kOverlapHoursMax = 7 * 24;

struct Added {
    idempotency::Answer answer;
    bool replayed = false;
};

Result<Added> add_once(
    sql::Transaction& tx, const std::optional<idempotency::Key>& key, Time now, const ShowOnce& work
) {
    if (key) {
        auto first = idempotency::claim(tx, *key, now);
        if (first.has_error()) return first.error();
        if (*first) return Added{**std::move(first), true};
    }
    const auto shown = work(tx);
    if (shown.has_error()) return shown.error();
    if (key) idempotency::remember(tx, *key, {201, shown->repeated}, now);
    return Added{{201, shown->first}, false};
}

template <class Made>
Shown shown(const Made& made) {
    return {
        boost::json::serialize(to_json(made, true)), boost::json::serialize(to_json(made, false))};
}

}  // namespace

std::optional<std::string> read_notify_url(http::Fields& fields) {
    if (fields.is_null("notify_url")) return std::string{};
    auto url = fields.optional_text("notify_url", {.max = webhooks::kUrlBytesMax});
    if (!url || url->empty()) return url;
    const std::string_view fault = webhooks::url_fault(*url);
    if (!fault.empty()) fields.reject("notify_url", std::string{fault});
    return url;
}

std::optional<std::string> read_return_url(http::Fields& fields) {
    if (fields.is_null("return_url")) return std::string{};
    auto url = fields.optional_text("return_url", {.max = kReturnUrlMax});
    if (!url || url->empty()) return url;
    const std::string_view fault = return_url_fault(*url);
    if (!fault.empty()) fields.reject("return_url", std::string{fault});
    return url;
}

Result<Milliseconds> read_overlap(const http::Request& request) {
    if (request.body.empty()) return Milliseconds{0};
    http::Fields fields = http::Fields::body(request);
    const auto hours = fields.optional_integer("overlap_hours", 0, kOverlapHoursMax).value_or(0);
    if (auto bad = fields.check(); bad.has_error()) return bad.error();
    return Milliseconds{std::chrono::hours{hours}};
}

NewApp read_new_app(http::Fields& fields) {
    NewApp wanted;
    wanted.name = fields.text("name", {.max = 200});
    const std::string_view fault = name_fault(wanted.name);
    if (!wanted.name.empty() && !fault.empty()) fields.reject("name", std::string{fault});
    wanted.notify_url = read_notify_url(fields).value_or("");
    wanted.return_url = read_return_url(fields).value_or("");
    return wanted;
}

Task<http::Response> respond_once(
    const AppRoutesDeps& deps, const http::Request& request, ShowOnce work
) {
    const auto key = idempotency::key_of(request);
    if (key.has_error()) co_return http::failure(request, key.error());
    const auto body = [&](sql::Transaction& tx) {
        return add_once(tx, *key, deps.clock.now(), work);
    };
    const auto added = co_await deps.database.write(body);
    if (added.has_error()) co_return http::failure(request, added.error());
    co_return idempotency::render(request, added->answer, added->replayed);
}

Result<Shown> create_app(
    const AppRoutesDeps& deps, sql::Transaction& tx, AppService::Actor actor, const NewApp& wanted
) {
    const auto created =
        deps.apps.create(tx, actor, wanted.name, wanted.notify_url, wanted.return_url);
    if (created.has_error()) return created.error();
    return shown(*created);
}

Result<Shown> add_key(
    const AppRoutesDeps& deps, sql::Transaction& tx, AppService::Actor actor, AppId app
) {
    const auto made = deps.apps.add_key(tx, actor, app);
    if (made.has_error()) return made.error();
    return shown(*made);
}

}  // namespace doorbuster::pay_api
