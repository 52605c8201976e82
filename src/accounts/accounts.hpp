#pragma once

#include <vector>

#include "accounts/attempt_limits.hpp"
#include "accounts/login_service.hpp"
#include "accounts/password_hasher.hpp"
#include "accounts/session_service.hpp"
#include "accounts/user_service.hpp"
#include "events/audit_log.hpp"
#include "http/request.hpp"
#include "ports/database.hpp"

namespace doorbuster::accounts {

struct AccountsSettings {
    SessionSettings sessions;
    PasswordSettings passwords;
    AttemptSettings attempts;
    Milliseconds invitation_valid_for = std::chrono::hours{24 * 7};
};

// Told of every log-in inside its transaction, so that what a guest had becomes the user's together
// with the session. Implemented above this folder. An exception undoes the log-in. Thread-safe.
class LoginListener {
public:
    virtual ~LoginListener() = default;
    virtual void logged_in(
        sql::Transaction& tx, const http::Request& request, const User& user
    ) = 0;
};

// The services of this folder, put together. `sessions` is the server's Authenticator.
struct Accounts {
    Accounts(
        sql::Database& the_database,
        const Clock& the_clock,
        Random& random,
        AccountsSettings with = {}
    )
        : settings{with},
          database{the_database},
          clock{the_clock},
          audit{the_clock},
          sessions{the_database, the_clock, random, with.sessions},
          hasher{with.passwords},
          limits{the_clock, with.attempts},
          users{the_clock, random, sessions, audit},
          login{the_database, users, sessions, hasher, limits} {}

    const AccountsSettings settings;
    sql::Database& database;
    const Clock& clock;
    events::AuditLog audit;
    SessionService sessions;
    PasswordHasher hasher;
    AttemptLimits limits;
    UserService users;
    LoginService login;
    std::vector<LoginListener*> login_listeners;  // filled before the first request
};

}  // namespace doorbuster::accounts
