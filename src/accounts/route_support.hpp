#pragma once

#include <boost/json/fwd.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "accounts/accounts.hpp"
#include "http/envelope.hpp"
#include "http/fields.hpp"
#include "http/response.hpp"
#include "idempotency/idempotency.hpp"

// What the route files of this folder share; not for others.
namespace doorbuster::accounts {

boost::json::object user_json(const User& user);
std::string user_text(const User& user);  // the same as JSON text

// The name and password of a new account, or what is wrong with them.
struct Registration {
    std::string username;
    Secret password;
};
Registration read_registration(http::Fields& fields);
Secret read_new_password(http::Fields& fields, std::string_view name);
// The rights named in a list of words; nothing when the field is absent.
std::optional<Rights> read_rights(http::Fields& fields);
AccessChange read_access_change(http::Fields& fields);

// 429 with Retry-After.
http::Response too_many(const http::Request& request, std::chrono::seconds wait);

// The idempotency key of a registration. Its password counts by a slow hash, because the plain hash
// of a body that holds one would be easy to guess from.
Task<Result<std::optional<idempotency::Key>>> registration_key(
    PasswordHasher& hasher, const http::Request& request, const Registration& registration
);

// A page of the users, for administrators and commands.
Task<http::Response> list_users(Accounts& accounts, http::Request& request);

using Create = std::function<Result<User>(sql::Transaction&, const NewUser&)>;
// Hashes the password, creates the account by `create`, and answers 201 with the user; once per
// idempotency key.
Task<http::Response> register_with(
    Accounts& accounts, const http::Request& request, Registration registration, Create create
);

}  // namespace doorbuster::accounts
