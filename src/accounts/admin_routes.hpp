#pragma once

#include "accounts/accounts.hpp"
#include "http/route.hpp"

namespace doorbuster::accounts {

http::Routes admin_routes(Accounts& accounts);

}  // namespace doorbuster::accounts
