#pragma once

#include <optional>
#include <string>

#include "app/back_office.hpp"

namespace doorbuster::app {

struct DemoShopper {
    std::string username;
    std::string password;
};

// Loads the demo catalogue and a demo shopper into a shop that has no products. Nothing when it
// has.
std::optional<DemoShopper> load_demo(BackOffice& office, sql::Database& database);

// The token of a new one-time link for the first administrator; nothing when there is one already.
std::optional<std::string> invite_first_admin(
    accounts::Accounts& accounts, sql::Database& database
);

// `GET /welcome/{token}`: the page behind that link.
http::Route welcome_route();

}  // namespace doorbuster::app
