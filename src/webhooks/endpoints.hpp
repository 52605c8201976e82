#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "core/result.hpp"
#include "ports/sql.hpp"
#include "webhooks/webhook.hpp"

namespace doorbuster::webhooks {

// Receivers that belong to another part of the program (`owner`), which says itself what each of
// them is sent: no event reaches them by its topic, and administrators do not meet them among the
// webhooks. What is sent is signed, delivered and repeated as everything else here. Everything
// happens in the caller's transaction. Thread-safe.
class Endpoints {
public:
    Endpoints(const Clock& clock, Random& random, std::string owner)
        : clock_{clock}, random_{random}, owner_{std::move(owner)} {}

    // Called after a commit that made a delivery due. Set before first use; must be thread-safe.
    void on_due(std::function<void()> wake) { wake_ = std::move(wake); }

    // With a secret of its own. An empty address: nothing is sent until it has one.
    Webhook add(sql::Transaction& tx, std::string url) const;
    std::optional<Webhook> find(sql::Reader& reader, WebhookId id) const;
    std::vector<Webhook> all(sql::Reader& reader) const;
    // Errors: kWebhookNotFound.
    Result<Webhook> move(sql::Transaction& tx, WebhookId id, std::string url) const;
    // What is sent from now on is signed with the new one, and for `overlap` with the one before,
    // too (0: that ends at once). There are never more than two. Errors: kWebhookNotFound.
    Result<Webhook> renew_secret(sql::Transaction& tx, WebhookId id, Milliseconds overlap) const;

    // One event for one receiver, in words made for it. The same event is sent to it once.
    struct Message {
        WebhookId to;
        const Event* event = nullptr;
        std::string body;
    };
    void send(sql::Transaction& tx, const std::vector<Message>& messages) const;

    struct Log {
        std::vector<Delivery> deliveries;
        std::int64_t total = 0;
    };
    // An empty state means any.
    Log log(
        sql::Reader& reader,
        WebhookId id,
        const std::string& state,
        std::int64_t limit,
        std::int64_t offset
    ) const;
    // Sends a delivery again, with all its tries. Errors: kDeliveryNotFound, kWebhookDisabled when
    // it has no address.
    Result<Delivery> redeliver(sql::Transaction& tx, WebhookId id, DeliveryId delivery) const;

private:
    void wake_later(sql::Transaction& tx) const;

    const Clock& clock_;
    Random& random_;
    std::string owner_;
    std::function<void()> wake_;
};

}  // namespace doorbuster::webhooks
