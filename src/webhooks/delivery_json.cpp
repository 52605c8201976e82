#include "webhooks/delivery_json.hpp"

#include <boost/json.hpp>

namespace doorbuster::webhooks {
namespace {

boost::json::value time_or_null(const std::optional<Time>& time) {
    return time ? boost::json::value(to_rfc3339(*time)) : boost::json::value{};
}

}  // namespace

boost::json::object to_json(const Delivery& delivery) {
    const boost::json::value status =
        delivery.last_status ? boost::json::value(*delivery.last_status) : boost::json::value{};
    return {
        {"id", delivery.id.to_string()},
        {"event_id", delivery.event.to_string()},
        {"topic", delivery.topic},
        {"payload", delivery.payload},
        {"state", delivery.state},
        {"attempts", delivery.attempts},
        {"last_status", status},
        {"last_error", delivery.last_error},
        {"created_at", to_rfc3339(delivery.created_at)},
        {"next_attempt_at", time_or_null(delivery.next_attempt_at)},
        {"delivered_at", time_or_null(delivery.delivered_at)}};
}

}  // namespace doorbuster::webhooks
