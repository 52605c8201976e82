#pragma once

#include "events/audit_log.hpp"
#include "http/route.hpp"
#include "refunds/refund_service.hpp"

namespace doorbuster::refunds {

// What the routes work with; all must outlive them.
struct RefundRoutesDeps {
    sql::Database& database;
    RefundService& refunds;
    const events::AuditLog& audit;
    const Clock& clock;
};

// For staff with the right `finance`.
http::Routes refund_routes(RefundRoutesDeps& deps);

}  // namespace doorbuster::refunds
