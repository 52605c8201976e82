#pragma once

#include "http/route.hpp"
#include "ports/database.hpp"

namespace doorbuster::bookkeeping {

// What staff with the right `finance` may look at. The database must outlive the routes.
http::Routes book_routes(sql::Database& database);

}  // namespace doorbuster::bookkeeping
