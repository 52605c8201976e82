#include "webhooks/endpoints.hpp"

#include "webhooks/errors.hpp"
#include "webhooks/signature.hpp"
#include "webhooks/webhook_store.hpp"

namespace doorbuster::webhooks {

void Endpoints::wake_later(sql::Transaction& tx) const {
    if (wake_) tx.after_commit(wake_);
}

Webhook Endpoints::add(sql::Transaction& tx, std::string url) const {
    Webhook endpoint;
    endpoint.url = std::move(url);
    endpoint.secret = new_secret(random_);
    endpoint.enabled = !endpoint.url.empty();
    endpoint.created_at = clock_.now();
    endpoint.owner = owner_;
    endpoint.id = store::insert(tx, endpoint);
    return endpoint;
}

std::optional<Webhook> Endpoints::find(sql::Reader& reader, WebhookId id) const {
    return store::find(reader, id, owner_);
}

std::vector<Webhook> Endpoints::all(sql::Reader& reader) const {
    return store::all(reader, owner_);
}

Result<Webhook> Endpoints::move(sql::Transaction& tx, WebhookId id, std::string url) const {
    auto endpoint = find(tx, id);
    if (!endpoint) return kWebhookNotFound;
    endpoint->url = std::move(url);
    endpoint->enabled = !endpoint->url.empty();
    store::update(tx, *endpoint);
    wake_later(tx);
    return std::move(*endpoint);
}

Result<Webhook> Endpoints::renew_secret(sql::Transaction& tx, WebhookId id, Milliseconds overlap)
    const {
    auto endpoint = find(tx, id);
    if (!endpoint) return kWebhookNotFound;
    const bool overlaps = overlap > Milliseconds{0};
    endpoint->old_secret = overlaps ? endpoint->secret : Secret{};
    endpoint->old_secret_until.reset();
    if (overlaps) endpoint->old_secret_until = clock_.now() + overlap;
    endpoint->secret = new_secret(random_);
    store::update(tx, *endpoint);
    return std::move(*endpoint);
}

void Endpoints::send(sql::Transaction& tx, const std::vector<Message>& messages) const {
    std::vector<store::NewDelivery> deliveries;
    for (const Message& message : messages) {
        deliveries.push_back({message.to, message.event, message.body});
    }
    if (store::insert_deliveries(tx, deliveries, clock_.now()) > 0) wake_later(tx);
}

Endpoints::Log Endpoints::log(
    sql::Reader& reader,
    WebhookId id,
    const std::string& state,
    std::int64_t limit,
    std::int64_t offset
) const {
    return {
        store::list_deliveries(reader, id, state, limit, offset),
        store::count_deliveries(reader, id, state)};
}

Result<Delivery> Endpoints::redeliver(sql::Transaction& tx, WebhookId id, DeliveryId delivery)
    const {
    const auto endpoint = find(tx, id);
    if (!endpoint) return kDeliveryNotFound;
    if (!endpoint->enabled) return kWebhookDisabled;
    if (!store::redeliver(tx, id, delivery, clock_.now())) return kDeliveryNotFound;
    wake_later(tx);
    return store::find_delivery(tx, id, delivery).value();
}

}  // namespace doorbuster::webhooks
