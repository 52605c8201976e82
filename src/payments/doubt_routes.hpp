#pragma once

#include "events/audit_log.hpp"
#include "http/route.hpp"
#include "ports/database.hpp"

namespace doorbuster::payments {

// What the routes work with; all must outlive them.
struct DoubtRoutesDeps {
    sql::Database& database;
    const events::AuditLog& audit;
    const Clock& clock;
};

// What a person must look at, for staff with the right `finance`.
http::Routes doubt_routes(DoubtRoutesDeps& deps);

}  // namespace doorbuster::payments
