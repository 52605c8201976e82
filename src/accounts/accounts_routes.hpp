#pragma once

#include "accounts/accounts.hpp"
#include "http/route.hpp"

namespace doorbuster::accounts {

// Registration, sessions, profile and password; for administrators the users and the audit log.
http::Routes accounts_routes(Accounts& accounts);

// The same without registration: for a server that has staff and no shoppers.
http::Routes staff_accounts_routes(Accounts& accounts);

// What `doorbuster user` asks, on the admin socket of this machine only.
http::Routes local_user_routes(Accounts& accounts);

}  // namespace doorbuster::accounts
