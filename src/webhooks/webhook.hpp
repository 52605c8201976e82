#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/secret.hpp"
#include "ports/event_bus.hpp"

// Receivers of events and what is sent to them; no I/O.
namespace doorbuster::webhooks {

using DeliveryId = Id<struct WebhookDeliveryTag>;

struct Webhook {
    WebhookId id;
    std::string url;
    std::vector<std::string> topics;  // "*" for all
    Secret secret;
    bool enabled = true;
    Time created_at;
    std::string owner;  // empty: an administrator made it; see endpoints.hpp
    // Signs beside the newer one until then, so that a receiver can be given that without a pause.
    Secret old_secret;
    std::optional<Time> old_secret_until;
};

struct Delivery {
    DeliveryId id;
    WebhookId webhook;
    EventId event;
    std::string topic;
    std::string payload;
    std::string state;  // waiting, delivered, given_up
    std::int64_t attempts = 0;
    std::optional<Time> next_attempt_at;
    std::optional<std::int64_t> last_status;
    std::string last_error;
    Time created_at;
    std::optional<Time> delivered_at;
};

inline constexpr std::size_t kWebhooksMax = 50;
inline constexpr std::size_t kTopicsMax = 50;
inline constexpr std::size_t kUrlBytesMax = 2000;
// Tries of one delivery before it is given up: about two days.
inline constexpr std::int64_t kAttemptsMax = 11;

// What is wrong with an address for a person to read, or nothing. http or https, a host, no user
// name or password, no fragment, printable ASCII. Where it points is looked at when it is called.
std::string_view url_fault(std::string_view url);
// "*" or words joined by dots: "order.paid".
bool is_topic(std::string_view text);

bool wants(const Webhook& webhook, std::string_view topic);
std::string join_topics(const std::vector<std::string>& topics);
std::vector<std::string> split_topics(std::string_view joined);

// {"id":"12","topic":"order.paid","key":"…","at":"2026-…Z","data":{…}}
std::string body_of(const Event& event);

// How long to wait after the given number of failures: 10 s at first, 24 h at last.
Milliseconds delay_after(std::int64_t failures);

}  // namespace doorbuster::webhooks
