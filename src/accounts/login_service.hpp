#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "accounts/attempt_limits.hpp"
#include "accounts/password_hasher.hpp"
#include "accounts/session_service.hpp"
#include "accounts/user_service.hpp"

namespace doorbuster::accounts {

// A result that may be a refusal for a while.
template <class T>
struct Limited {
    Result<T> result;
    std::chrono::seconds retry_after{0};  // with kTooManyAttempts
};

struct SignedIn {
    User user;
    OpenedSession session;
};

// Opens sessions for those who know the password. An unknown user and a wrong password get the same
// answer after the same work. Thread-safe.
class LoginService {
public:
    struct Attempt {
        std::string username;
        Secret password;
        std::string address;
        std::string user_agent;
    };
    // More to do in the transaction that opens the session.
    using InTransaction = std::function<void(sql::Transaction&, const User&)>;

    LoginService(
        sql::Database& database,
        UserService& users,
        SessionService& sessions,
        PasswordHasher& hasher,
        AttemptLimits& limits
    )
        : database_{database},
          users_{users},
          sessions_{sessions},
          hasher_{hasher},
          limits_{limits} {}

    // Errors: kBadCredentials, kAccountDisabled (told only to who knows the password),
    // kTooManyAttempts, kUnavailable when too many passwords wait to be checked.
    Task<Limited<SignedIn>> log_in(Attempt attempt, InTransaction also);

    // Ends the user's other sessions. Errors: kWrongPassword, kTooManyAttempts, kUnavailable.
    Task<Limited<std::monostate>> change_password(Principal who, Secret current, Secret wanted);

private:
    struct Found {
        std::optional<Account> account;
        bool from_elsewhere = true;  // not an address that the user is signed in from
    };
    Task<Found> look_up(const Attempt& attempt);
    Task<Result<SignedIn>> verify_and_open(
        const Attempt& attempt, std::optional<Account> account, const InTransaction& also
    );
    Task<std::optional<SignedIn>> open(
        const Account& account, const Attempt& attempt, const InTransaction& also
    );
    Task<void> upgrade_hash(UserId user, std::string old_hash, Secret password);
    Task<Result<void>> verify_and_change(Principal who, Secret current, Secret wanted);

    sql::Database& database_;
    UserService& users_;
    SessionService& sessions_;
    PasswordHasher& hasher_;
    AttemptLimits& limits_;
};

}  // namespace doorbuster::accounts
