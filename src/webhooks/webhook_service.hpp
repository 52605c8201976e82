#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "events/audit_log.hpp"
#include "events/subscriptions.hpp"
#include "ports/database.hpp"
#include "webhooks/webhook.hpp"

namespace doorbuster::webhooks {

// Which receivers there are, and what is on its way to them. Thread-safe.
class WebhookService {
public:
    WebhookService(sql::Database& database, const Clock& clock, Random& random)
        : database_{database}, clock_{clock}, random_{random}, audit_{clock} {}

    // Every event becomes one delivery for each webhook that wants its topic.
    void subscribe(events::Subscriptions& subscriptions);
    // Called after a commit that made a delivery due. Set before first use; must be thread-safe.
    void on_due(std::function<void()> wake) { wake_ = std::move(wake); }

    struct Change {
        std::optional<std::string> url;
        std::optional<std::vector<std::string>> topics;
        std::optional<bool> enabled;
    };

    // In a caller's transaction, so that a repeated request adds it once. Errors: kTooManyWebhooks.
    Result<Webhook> add(
        sql::Transaction& tx, UserId actor, std::string url, std::vector<std::string> topics
    ) const;
    Task<std::vector<Webhook>> list() const;
    // Errors of all that follow: kWebhookNotFound.
    Task<Result<Webhook>> find(WebhookId id) const;
    Task<Result<Webhook>> change(UserId actor, WebhookId id, const Change& change) const;
    // Gives it a new secret; deliveries are signed with it from now on.
    Task<Result<Webhook>> renew_secret(UserId actor, WebhookId id) const;
    Task<Result<void>> remove(UserId actor, WebhookId id) const;

    struct Log {
        std::vector<Delivery> deliveries;
        std::int64_t total = 0;
    };
    Task<Result<Log>> log(
        WebhookId id, const std::string& state, std::int64_t limit, std::int64_t offset
    ) const;
    // Sends a delivery again, with all its tries. Errors: kDeliveryNotFound, kWebhookDisabled.
    Task<Result<Delivery>> redeliver(UserId actor, WebhookId id, DeliveryId delivery) const;

    // Deletes finished deliveries older than `keep`, in bounded steps. Returns how many went.
    // To be called every hour or so.
    Task<std::int64_t> sweep(std::chrono::hours keep = std::chrono::hours{24 * 30}) const;

private:
    void take_in(sql::Transaction& tx, EventList events) const;
    void note(sql::Transaction& tx, UserId actor, std::string_view action, const Webhook& webhook)
        const;

    sql::Database& database_;
    const Clock& clock_;
    Random& random_;
    events::AuditLog audit_;
    std::function<void()> wake_;
};

}  // namespace doorbuster::webhooks
