#pragma once

#include "http/route.hpp"
#include "ports/database.hpp"

namespace doorbuster::app {

// What waits for the outside or for a person, as it is at this moment; for staff with the right
// `finance`.
http::Routes alarm_routes(sql::Database& database, const Clock& clock);

}  // namespace doorbuster::app
