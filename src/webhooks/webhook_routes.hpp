#pragma once

#include "http/route.hpp"
#include "ports/database.hpp"
#include "webhooks/webhook_service.hpp"

namespace doorbuster::webhooks {

struct WebhookRoutesDeps {
    sql::Database& database;
    const Clock& clock;
    WebhookService& service;
};

// All for staff with the right `admin`, below /api/admin/v1/webhooks:
//   GET, POST /                      list; add {url, topics} (the answer shows the secret, once)
//   GET, PATCH, DELETE /{id}         one; change {url?, topics?, enabled?}; remove
//   POST /{id}/secret                a new secret, shown once
//   GET  /{id}/deliveries?state&page
//   POST /{id}/deliveries/{delivery}/redeliver
http::Routes webhook_routes(WebhookRoutesDeps& deps);

}  // namespace doorbuster::webhooks
