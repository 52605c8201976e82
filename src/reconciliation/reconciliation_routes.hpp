#pragma once

#include "events/audit_log.hpp"
#include "http/route.hpp"
#include "reconciliation/reconciler.hpp"

namespace doorbuster::reconciliation {

struct ReconciliationRoutesDeps {
    sql::Database& database;
    Reconciler& reconciler;
    const events::AuditLog& audit;
};

// For staff with the right `finance`. The deps must outlive the routes.
http::Routes reconciliation_routes(ReconciliationRoutesDeps& deps);
// For the command `reconcile`, over the admin socket.
http::Routes local_reconciliation_routes(ReconciliationRoutesDeps& deps);

}  // namespace doorbuster::reconciliation
