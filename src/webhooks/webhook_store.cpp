#include "webhooks/webhook_store.hpp"

#include "webhooks/sql.hpp"

namespace doorbuster::webhooks::store {
namespace {

Webhook webhook_of(const sql::Row& row) {
    Webhook webhook;
    webhook.id = row.id<WebhookId>(0);
    webhook.url = row.string(1);
    webhook.topics = split_topics(row.text(2));
    webhook.secret = Secret{row.string(3)};
    webhook.enabled = row.boolean(4);
    webhook.created_at = row.time(5);
    webhook.old_secret = Secret{row.string(6)};
    webhook.old_secret_until = row.optional_time(7);
    return webhook;
}

Delivery delivery_of(const sql::Row& row) {
    Delivery delivery;
    delivery.id = row.id<DeliveryId>(0);
    delivery.webhook = row.id<WebhookId>(1);
    delivery.event = row.id<EventId>(2);
    delivery.topic = row.string(3);
    delivery.payload = row.string(4);
    delivery.state = row.string(5);
    delivery.attempts = row.integer(6);
    delivery.next_attempt_at = row.optional_time(7);
    delivery.last_status = row.optional_integer(8);
    delivery.last_error = row.string(9);
    delivery.created_at = row.time(10);
    delivery.delivered_at = row.optional_time(11);
    return delivery;
}

std::int64_t number_of(const sql::Row& row) { return row.integer(0); }

constexpr auto kInteger = sql::ColumnType::integer;
constexpr auto kText = sql::ColumnType::text;
constexpr sql::BulkInsert::Column kNewDelivery[] = {
    {"webhook_id", kInteger},
    {"event_id", kInteger},
    {"topic", kText},
    {"payload", kText},
    {"state", kText},
    {"next_attempt_at", kInteger},
    {"created_at", kInteger}};
constexpr sql::BulkInsert kInsertDeliveries{
    "webhooks.insert_deliveries", "webhook_deliveries", kNewDelivery, "ON CONFLICT DO NOTHING"};

}  // namespace

WebhookId insert(sql::Transaction& tx, const Webhook& webhook) {
    const std::string topics = join_topics(webhook.topics);
    const auto id = tx.find(
        queries::insert_webhook,
        {webhook.url,
         topics,
         webhook.secret.reveal(),
         webhook.enabled ? 1 : 0,
         webhook.created_at,
         webhook.owner},
        number_of
    );
    return WebhookId{id.value()};
}

std::int64_t count(sql::Reader& reader, std::string_view owner) {
    return reader.find(queries::count_webhooks, {owner}, number_of).value_or(0);
}

std::optional<Webhook> find(sql::Reader& reader, WebhookId id, std::string_view owner) {
    auto webhook = reader.find(queries::find_webhook, {id, owner}, webhook_of);
    if (webhook) webhook->owner = owner;
    return webhook;
}

std::vector<Webhook> all(sql::Reader& reader, std::string_view owner) {
    return reader.all(queries::all_webhooks, {owner}, webhook_of);
}

std::vector<Webhook> due(sql::Reader& reader, Time now) {
    return reader.all(queries::due_webhooks, {now}, webhook_of);
}

bool update(sql::Transaction& tx, const Webhook& webhook) {
    const std::string topics = join_topics(webhook.topics);
    const auto rows = tx.execute(
        queries::update_webhook,
        {webhook.id,
         webhook.url,
         topics,
         webhook.secret.reveal(),
         webhook.enabled ? 1 : 0,
         webhook.old_secret.reveal(),
         webhook.old_secret_until}
    );
    return rows == 1;
}

bool remove(sql::Transaction& tx, WebhookId id, Time now) {
    return tx.execute(queries::delete_webhook, {id, now}) == 1;
}

std::int64_t insert_deliveries(
    sql::Transaction& tx, std::span<const NewDelivery> deliveries, Time now
) {
    std::vector<sql::Param> rows;
    rows.reserve(deliveries.size() * std::size(kNewDelivery));
    for (const NewDelivery& delivery : deliveries) {
        const Event& event = *delivery.event;
        rows.insert(
            rows.end(),
            {delivery.webhook, event.id, event.topic, delivery.body, "waiting", now, now}
        );
    }
    return tx.insert_many(kInsertDeliveries, rows);
}

std::optional<Delivery> find_delivery(sql::Reader& reader, WebhookId webhook, DeliveryId id) {
    return reader.find(queries::find_delivery, {id, webhook}, delivery_of);
}

std::vector<Delivery> list_deliveries(
    sql::Reader& reader,
    WebhookId webhook,
    std::string_view state,
    std::int64_t limit,
    std::int64_t offset
) {
    return reader.all(queries::list_deliveries, {webhook, state, limit, offset}, delivery_of);
}

std::int64_t count_deliveries(sql::Reader& reader, WebhookId webhook, std::string_view state) {
    return reader.find(queries::count_deliveries, {webhook, state}, number_of).value_or(0);
}

std::vector<Delivery> take_due(
    sql::Transaction& tx, WebhookId webhook, Time now, std::size_t limit, Time lease_end
) {
    return tx.all(queries::take_due, {webhook, now, limit, lease_end}, delivery_of);
}

void finish(sql::Transaction& tx, const Delivery& delivery) {
    tx.execute(
        queries::finish_delivery,
        {delivery.id,
         delivery.state,
         delivery.next_attempt_at,
         delivery.last_status,
         delivery.last_error,
         delivery.delivered_at}
    );
}

bool redeliver(sql::Transaction& tx, WebhookId webhook, DeliveryId id, Time now) {
    return tx.execute(queries::redeliver, {id, webhook, now}) == 1;
}

std::int64_t sweep(sql::Transaction& tx, Time before, std::int64_t rows_max) {
    return tx.execute(queries::sweep_deliveries, {before, rows_max});
}

}  // namespace doorbuster::webhooks::store
