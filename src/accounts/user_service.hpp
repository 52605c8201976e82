#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/session_service.hpp"
#include "accounts/user.hpp"
#include "core/clock.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "events/audit_log.hpp"
#include "ports/sql.hpp"

namespace doorbuster::accounts {

struct NewUser {
    std::string username;
    std::string password_hash;  // from PasswordHasher
    Rights rights;
};

struct ProfileChange {
    std::optional<std::string> display_name;
    std::optional<std::string> email;
    std::optional<std::string> phone;
};

struct AccessChange {
    std::optional<Rights> rights;
    std::optional<bool> disabled;
};

struct UserFilter {
    std::string text;  // part of the user name, any case; empty: all
    bool staff_only = false;
};

struct UserListing {
    std::vector<User> users;  // newest first
    std::int64_t total = 0;
};

// What log-in compares with.
struct Account {
    User user;
    std::string password_hash;
};

// A one-time link that makes its reader an administrator. Its token is kept only as a hash.
struct Invitation {
    Secret token;
    Time expires_at;
};

// Owns users: who exists, who may do what. All functions run inside a caller's transaction; what
// staff and commands change is written to the audit log in it. `actor` is who does it, nobody for a
// command on this machine. Thread-safe.
class UserService {
public:
    UserService(
        const Clock& clock, Random& random, SessionService& sessions, const events::AuditLog& audit
    )
        : clock_{clock}, random_{random}, sessions_{sessions}, audit_{audit} {}

    // Errors: kValidationFailed for the name, kUsernameTaken.
    Result<User> create(sql::Transaction& tx, const NewUser& wanted) const;
    // The same by staff or a command, with a line in the audit log.
    Result<User> create_by(sql::Transaction& tx, std::optional<UserId> actor, const NewUser& wanted)
        const;

    // Errors: kUserNotFound.
    Result<User> get(sql::Reader& reader, UserId user) const;
    std::optional<Account> find_account(sql::Reader& reader, std::string_view username) const;
    std::optional<std::string> find_password_hash(sql::Reader& reader, UserId user) const;
    UserListing list(
        sql::Reader& reader, const UserFilter& filter, std::int64_t offset, std::int64_t limit
    ) const;

    Result<User> update_profile(sql::Transaction& tx, UserId user, const ProfileChange& change)
        const;

    // Whether the account still has this password hash and is not disabled; holds it so until the
    // transaction ends.
    bool hold_verified(sql::Transaction& tx, UserId user, const std::string& hash) const;
    // Puts a new hash in place of `old_hash`; false when that is no longer the hash.
    bool replace_password_hash(
        sql::Transaction& tx, UserId user, const std::string& old_hash, const std::string& hash
    ) const;
    // Sets a password from outside and ends all sessions. Errors: kUserNotFound.
    Result<void> set_password(
        sql::Transaction& tx, std::optional<UserId> actor, UserId user, const std::string& hash
    ) const;

    // Sets what is given; disabling ends all sessions. Errors: kUserNotFound, kLastAdmin when
    // nobody could administer the shop afterwards.
    Result<User> set_access(
        sql::Transaction& tx, std::optional<UserId> actor, UserId user, const AccessChange& change
    ) const;

    bool has_admin(sql::Reader& reader) const;
    Invitation invite_admin(
        sql::Transaction& tx, std::optional<UserId> actor, Milliseconds valid_for
    ) const;
    bool is_invitation(sql::Reader& reader, std::string_view token) const;
    // Uses the invitation up and creates its administrator. Errors: kInvitationNotFound,
    // kInvitationGone, and those of create.
    Result<User> accept_invitation(
        sql::Transaction& tx, std::string_view token, const NewUser& wanted
    ) const;

private:
    const Clock& clock_;
    Random& random_;
    SessionService& sessions_;
    const events::AuditLog& audit_;
};

}  // namespace doorbuster::accounts
