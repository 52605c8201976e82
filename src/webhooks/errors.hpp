#pragma once

#include "core/error.hpp"

namespace doorbuster::webhooks {

inline constexpr ErrorKind kWebhookNotFound{
    9201, "webhook_not_found", Condition::not_found, "There is no such webhook."};
inline constexpr ErrorKind kDeliveryNotFound{
    9202, "webhook_delivery_not_found", Condition::not_found, "There is no such delivery."};
inline constexpr ErrorKind kTooManyWebhooks{
    9203, "too_many_webhooks", Condition::conflict, "No more webhooks can be added."};
inline constexpr ErrorKind kWebhookDisabled{
    9204, "webhook_disabled", Condition::conflict, "This webhook is switched off."};

}  // namespace doorbuster::webhooks
