#include "webhooks/webhook_service.hpp"

#include <algorithm>
#include <utility>

#include "webhooks/errors.hpp"
#include "webhooks/signature.hpp"
#include "webhooks/webhook_store.hpp"

namespace doorbuster::webhooks {
namespace {

constexpr std::int64_t kSweepRowsMax = 1000;
constexpr int kSweepStepsMax = 50;

}  // namespace

void WebhookService::note(
    sql::Transaction& tx, UserId actor, std::string_view action, const Webhook& webhook
) const {
    audit_.append(tx, actor, action, "webhook:" + webhook.id.to_string(), webhook.url);
}

void WebhookService::subscribe(events::Subscriptions& subscriptions) {
    const auto work = [this](sql::Transaction& tx, EventList events) { take_in(tx, events); };
    const auto wanted = [](sql::Reader& reader, std::string_view topic) {
        const auto webhooks = store::all(reader);
        const auto by = [&](const Webhook& webhook) { return wants(webhook, topic); };
        return std::ranges::any_of(webhooks, by);
    };
    subscriptions.on_many("webhooks", {"*"}, work, wanted);
}

void WebhookService::take_in(sql::Transaction& tx, EventList events) const {
    const auto webhooks = store::all(tx);
    std::vector<store::NewDelivery> deliveries;
    for (const Event* event : events) {
        std::string body;
        for (const Webhook& webhook : webhooks) {
            if (!wants(webhook, event->topic)) continue;
            if (body.empty()) body = body_of(*event);
            deliveries.push_back({webhook.id, event, body});
        }
    }
    if (store::insert_deliveries(tx, deliveries, clock_.now()) == 0) return;
    if (wake_) tx.after_commit(wake_);
}

Result<Webhook> WebhookService::add(
    sql::Transaction& tx, UserId actor, std::string url, std::vector<std::string> topics
) const {
    if (store::count(tx) >= static_cast<std::int64_t>(kWebhooksMax)) return kTooManyWebhooks;
    Webhook webhook;
    webhook.url = std::move(url);
    webhook.topics = std::move(topics);
    webhook.secret = new_secret(random_);
    webhook.created_at = clock_.now();
    webhook.id = store::insert(tx, webhook);
    note(tx, actor, "webhook.added", webhook);
    return webhook;
}

Task<std::vector<Webhook>> WebhookService::list() const {
    const auto body = [](sql::Reader& reader) { return store::all(reader); };
    co_return co_await database_.read(body);
}

Task<Result<Webhook>> WebhookService::find(WebhookId id) const {
    const auto body = [id](sql::Reader& reader) { return store::find(reader, id); };
    auto webhook = co_await database_.read(body);
    if (!webhook) co_return kWebhookNotFound;
    co_return std::move(*webhook);
}

Task<Result<Webhook>> WebhookService::change(UserId actor, WebhookId id, const Change& change)
    const {
    const auto body = [&](sql::Transaction& tx) -> Result<Webhook> {
        auto webhook = store::find(tx, id);
        if (!webhook) return kWebhookNotFound;
        if (change.url) webhook->url = *change.url;
        if (change.topics) webhook->topics = *change.topics;
        if (change.enabled) webhook->enabled = *change.enabled;
        if (!store::update(tx, *webhook)) return kWebhookNotFound;
        note(tx, actor, "webhook.changed", *webhook);
        if (wake_) tx.after_commit(wake_);
        return *webhook;
    };
    co_return co_await database_.write(body);
}

Task<Result<Webhook>> WebhookService::renew_secret(UserId actor, WebhookId id) const {
    const auto body = [&](sql::Transaction& tx) -> Result<Webhook> {
        auto webhook = store::find(tx, id);
        if (!webhook) return kWebhookNotFound;
        webhook->secret = new_secret(random_);
        if (!store::update(tx, *webhook)) return kWebhookNotFound;
        note(tx, actor, "webhook.secret_renewed", *webhook);
        return *webhook;
    };
    co_return co_await database_.write(body);
}

Task<Result<void>> WebhookService::remove(UserId actor, WebhookId id) const {
    const auto body = [&](sql::Transaction& tx) -> Result<void> {
        const auto webhook = store::find(tx, id);
        if (!webhook || !store::remove(tx, id, clock_.now())) return kWebhookNotFound;
        note(tx, actor, "webhook.removed", *webhook);
        return {};
    };
    co_return co_await database_.write(body);
}

Task<Result<WebhookService::Log>> WebhookService::log(
    WebhookId id, const std::string& state, std::int64_t limit, std::int64_t offset
) const {
    const auto body = [&](sql::Reader& reader) -> Result<Log> {
        if (!store::find(reader, id)) return kWebhookNotFound;
        return Log{
            store::list_deliveries(reader, id, state, limit, offset),
            store::count_deliveries(reader, id, state)};
    };
    co_return co_await database_.read(body);
}

Task<Result<Delivery>> WebhookService::redeliver(UserId actor, WebhookId id, DeliveryId delivery)
    const {
    const auto body = [&](sql::Transaction& tx) -> Result<Delivery> {
        const auto webhook = store::find(tx, id);
        if (!webhook) return kWebhookNotFound;
        if (!webhook->enabled) return kWebhookDisabled;
        if (!store::redeliver(tx, id, delivery, clock_.now())) return kDeliveryNotFound;
        note(tx, actor, "webhook.redelivered", *webhook);
        if (wake_) tx.after_commit(wake_);
        return store::find_delivery(tx, id, delivery).value();
    };
    co_return co_await database_.write(body);
}

Task<std::int64_t> WebhookService::sweep(std::chrono::hours keep) const {
    const Time before = clock_.now() - keep;
    const auto step = [before](sql::Transaction& tx) {
        return store::sweep(tx, before, kSweepRowsMax);
    };
    std::int64_t swept = 0;
    for (int i = 0; i < kSweepStepsMax; ++i) {
        const std::int64_t rows = co_await database_.write(step);
        if (rows == 0) break;
        swept += rows;
    }
    co_return swept;
}

}  // namespace doorbuster::webhooks
