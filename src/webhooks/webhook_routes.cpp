#include "webhooks/webhook_routes.hpp"

#include <boost/json.hpp>

#include "http/envelope.hpp"
#include "http/fields.hpp"
#include "http/listing.hpp"
#include "idempotency/idempotency.hpp"
#include "webhooks/delivery_json.hpp"

namespace doorbuster::webhooks {
namespace {

using http::Fields;
using http::Request;
using http::Response;

boost::json::object to_json(const Webhook& webhook) {
    boost::json::array topics;
    for (const std::string& topic : webhook.topics) topics.emplace_back(topic);
    return {
        {"id", webhook.id.to_string()},
        {"url", webhook.url},
        {"topics", std::move(topics)},
        {"enabled", webhook.enabled},
        {"created_at", to_rfc3339(webhook.created_at)}};
}

boost::json::object with_secret(const Webhook& webhook) {
    boost::json::object json = to_json(webhook);
    json["secret"] = webhook.secret.reveal();
    return json;
}

// What a repeated request with the same key is told: a secret is shown once and kept nowhere else.
boost::json::object without_secret(const Webhook& webhook) {
    boost::json::object json = to_json(webhook);
    json["secret"] = nullptr;
    return json;
}

void check_url(Fields& fields, const std::string& url) {
    const std::string_view fault = url_fault(url);
    if (!url.empty() && !fault.empty()) fields.reject("url", std::string{fault});
}

std::vector<std::string> topics_of(Fields& fields) {
    auto topics = fields.texts("topics", kTopicsMax, {.max = 64});
    for (const std::string& topic : topics) {
        if (!is_topic(topic)) fields.reject("topics", "'" + topic + "' is not a topic");
    }
    if (topics.empty()) fields.reject("topics", "must hold a topic, or \"*\" for all");
    return topics;
}

Task<Response> list(WebhookRoutesDeps& deps, Request& request) {
    const auto webhooks = co_await deps.service.list();
    boost::json::array rows;
    for (const Webhook& webhook : webhooks) rows.push_back(to_json(webhook));
    co_return http::ok(request, http::whole_listing_json(std::move(rows), kWebhooksMax));
}

struct NewWebhook {
    UserId actor;
    std::string url;
    std::vector<std::string> topics;
};

struct Added {
    idempotency::Answer answer;
    bool replayed = false;
};

// As idempotency::respond, but for what is remembered.
Result<Added> add_once(
    WebhookRoutesDeps& deps,
    sql::Transaction& tx,
    const std::optional<idempotency::Key>& key,
    const NewWebhook& wanted
) {
    const Time now = deps.clock.now();
    if (key) {
        auto first = idempotency::claim(tx, *key, now);
        if (first.has_error()) return first.error();
        if (*first) return Added{**std::move(first), true};
    }
    const auto webhook = deps.service.add(tx, wanted.actor, wanted.url, wanted.topics);
    if (webhook.has_error()) return webhook.error();
    if (key) {
        const idempotency::Answer kept{201, boost::json::serialize(without_secret(*webhook))};
        idempotency::remember(tx, *key, kept, now);
    }
    return Added{{201, boost::json::serialize(with_secret(*webhook))}, false};
}

Task<Response> add(WebhookRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const std::string url = fields.text("url", {.max = kUrlBytesMax});
    check_url(fields, url);
    const auto topics = topics_of(fields);
    const auto bad = fields.check();
    if (bad.has_error()) co_return http::failure(request, bad.error());
    const auto key = idempotency::key_of(request);
    if (key.has_error()) co_return http::failure(request, key.error());
    const auto work = [&](sql::Transaction& tx) {
        return add_once(deps, tx, *key, {request.user(), url, topics});
    };
    const auto added = co_await deps.database.write(work);
    if (added.has_error()) co_return http::failure(request, added.error());
    co_return idempotency::render(request, added->answer, added->replayed);
}

Task<Response> show(WebhookRoutesDeps& deps, Request& request) {
    const auto webhook = co_await deps.service.find(request.path_id<WebhookId>("id"));
    co_return http::answer(request, webhook, [](const Webhook& w) { return to_json(w); });
}

Task<Response> change(WebhookRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    WebhookService::Change change;
    change.url = fields.optional_text("url", {.max = kUrlBytesMax});
    if (change.url) check_url(fields, *change.url);
    if (fields.has("topics")) change.topics = topics_of(fields);
    change.enabled = fields.optional_boolean("enabled");
    const auto bad = fields.check();
    if (bad.has_error()) co_return http::failure(request, bad.error());
    const auto id = request.path_id<WebhookId>("id");
    const auto webhook = co_await deps.service.change(request.user(), id, change);
    co_return http::answer(request, webhook, [](const Webhook& w) { return to_json(w); });
}

Task<Response> renew_secret(WebhookRoutesDeps& deps, Request& request) {
    const auto id = request.path_id<WebhookId>("id");
    const auto webhook = co_await deps.service.renew_secret(request.user(), id);
    co_return http::answer(request, webhook, with_secret);
}

Task<Response> remove(WebhookRoutesDeps& deps, Request& request) {
    const auto id = request.path_id<WebhookId>("id");
    const auto removed = co_await deps.service.remove(request.user(), id);
    co_return http::answer(request, removed);
}

Task<Response> log(WebhookRoutesDeps& deps, Request& request) {
    Fields query = Fields::query(request);
    const auto word = query.optional_word("state", {"waiting", "delivered", "given_up"});
    const http::Page page = http::page_of(query);
    const auto bad = query.check();
    if (bad.has_error()) co_return http::failure(request, bad.error());
    const auto id = request.path_id<WebhookId>("id");
    const std::string state = word.value_or("");
    const auto found = co_await deps.service.log(id, state, page.page_size, page.offset());
    const auto render = [&](const WebhookService::Log& log) -> boost::json::value {
        boost::json::array rows;
        for (const Delivery& delivery : log.deliveries) rows.push_back(to_json(delivery));
        return http::listing_json(std::move(rows), log.total, page);
    };
    co_return http::answer(request, found, render);
}

Task<Response> redeliver(WebhookRoutesDeps& deps, Request& request) {
    const auto id = request.path_id<WebhookId>("id");
    const auto delivery = request.path_id<DeliveryId>("delivery");
    const auto sent = co_await deps.service.redeliver(request.user(), id, delivery);
    co_return http::answer(request, sent, [](const Delivery& d) { return to_json(d); });
}

}  // namespace

http::Routes webhook_routes(WebhookRoutesDeps& deps) {
    using http::Access;
    using http::AsyncHandler;
    using http::Method;
    const Access admin = Access::staff(Right::admin);
    const std::string root = "/api/admin/v1/webhooks";
    const std::string one = root + "/{id}";
    using Handler = Task<Response> (*)(WebhookRoutesDeps&, Request&);
    const auto with_deps = [&deps](Handler handler) {
        return AsyncHandler{[&deps, handler](Request& r) { return handler(deps, r); }};
    };
    return {
        {Method::get, root, admin, with_deps(list)},
        {Method::post, root, admin, with_deps(add)},
        {Method::get, one, admin, with_deps(show)},
        {Method::patch, one, admin, with_deps(change)},
        {Method::del, one, admin, with_deps(remove)},
        {Method::post, one + "/secret", admin, with_deps(renew_secret)},
        {Method::get, one + "/deliveries", admin, with_deps(log)},
        {Method::post, one + "/deliveries/{delivery}/redeliver", admin, with_deps(redeliver)}};
}

}  // namespace doorbuster::webhooks
