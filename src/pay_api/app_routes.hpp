#pragma once

#include "http/route.hpp"
#include "pay_api/app_service.hpp"

namespace doorbuster::pay_api {

// What the routes work with; all must outlive them.
struct AppRoutesDeps {
    sql::Database& database;
    const Clock& clock;
    const AppService& apps;
};

// For staff with the right `finance`, below /api/admin/v1/pay-apps:
//   GET, POST /                        list; add {name, notify_url?}: shows a key and a secret,
//   once GET, PATCH /{id}                   one; change {notify_url?, enabled?} POST /{id}/keys ·
//   DELETE /{id}/keys/{key} POST /{id}/signing-secret          a new one, shown once GET
//   /{id}/deliveries?state&page · POST /{id}/deliveries/{delivery}/redeliver
http::Routes app_routes(AppRoutesDeps& deps);

// What `doorbuster app-key` asks, on the admin socket of this machine only; apps go by their names.
//   GET, POST /local/v1/pay-apps · POST /{name}/keys · DELETE /{name}/keys/{key}
http::Routes local_app_routes(AppRoutesDeps& deps);

}  // namespace doorbuster::pay_api
