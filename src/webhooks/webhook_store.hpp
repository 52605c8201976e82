#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ports/sql.hpp"
#include "webhooks/webhook.hpp"

// Rows <-> values, inside a caller's transaction.
namespace doorbuster::webhooks::store {

WebhookId insert(sql::Transaction& tx, const Webhook& webhook);
// Of one owner (Webhook::owner).
std::int64_t count(sql::Reader& reader, std::string_view owner = "");
std::optional<Webhook> find(sql::Reader& reader, WebhookId id, std::string_view owner = "");
std::vector<Webhook> all(sql::Reader& reader, std::string_view owner = "");
// Those of any owner that have something due.
std::vector<Webhook> due(sql::Reader& reader, Time now);
bool update(sql::Transaction& tx, const Webhook& webhook);
bool remove(sql::Transaction& tx, WebhookId id, Time now);

struct NewDelivery {
    WebhookId webhook;
    const Event* event = nullptr;
    std::string body;
};
// Returns how many are new: an event that is on its way to a webhook already stays as it is.
std::int64_t insert_deliveries(
    sql::Transaction& tx, std::span<const NewDelivery> deliveries, Time now
);
std::optional<Delivery> find_delivery(sql::Reader& reader, WebhookId webhook, DeliveryId id);
// An empty state means any.
std::vector<Delivery> list_deliveries(
    sql::Reader& reader,
    WebhookId webhook,
    std::string_view state,
    std::int64_t limit,
    std::int64_t offset
);
std::int64_t count_deliveries(sql::Reader& reader, WebhookId webhook, std::string_view state);
std::vector<Delivery> take_due(
    sql::Transaction& tx, WebhookId webhook, Time now, std::size_t limit, Time lease_end
);
// Writes how one attempt ended; nothing happens when another worker wrote an end before.
void finish(sql::Transaction& tx, const Delivery& delivery);
bool redeliver(sql::Transaction& tx, WebhookId webhook, DeliveryId id, Time now);
std::int64_t sweep(sql::Transaction& tx, Time before, std::int64_t rows_max);

}  // namespace doorbuster::webhooks::store
