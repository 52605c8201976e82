#include "accounts/user_service.hpp"

#include <algorithm>

#include "accounts/errors.hpp"
#include "accounts/sql.hpp"
#include "accounts/username.hpp"

namespace doorbuster::accounts {

namespace {

User user_of(const sql::Row& row) {
    return User{
        row.id<UserId>(0),
        row.string(1),
        row.string(2),
        row.string(3),
        row.string(4),
        Rights{static_cast<std::uint32_t>(row.integer(5))},
        row.boolean(6),
        row.time(7),
        row.time(8)};
}

bool exists(sql::Reader& reader, const sql::Statement& statement, sql::Params params) {
    return reader.find(statement, params, [](const sql::Row&) { return true; }).has_value();
}

// A pattern that finds `text` anywhere; what LIKE would read as a wildcard stands for itself.
std::string like_pattern(std::string_view text) {
    std::string pattern = "%";
    for (const char c : username_key(text)) {
        if (c == '%' || c == '_' || c == '!') pattern += '!';
        pattern += c;
    }
    return pattern + '%';
}

std::string subject_of(UserId user) { return "user:" + user.to_string(); }

std::string words_text(Rights rights) {
    std::string text;
    for (const std::string_view word : words_of(rights)) {
        if (!text.empty()) text += ',';
        text += word;
    }
    return text.empty() ? "none" : text;
}

std::string access_text(const User& user) {
    return "rights=" + words_text(user.rights) + " disabled=" + (user.disabled ? "yes" : "no");
}

}  // namespace

Result<User> UserService::create(sql::Transaction& tx, const NewUser& wanted) const {
    if (!is_username(wanted.username)) {
        return Error{
            kValidationFailed,
            "username",
            "must be 3 to 32 letters, digits, Chinese characters, or any of _ - ."};
    }
    const std::string key = username_key(wanted.username);
    const auto user = tx.find(
        queries::insert_user,
        {wanted.username, key, wanted.password_hash, wanted.rights.bits(), clock_.now()},
        user_of
    );
    if (!user) return Error{kUsernameTaken, "username", "is taken"};
    return *user;
}

Result<User> UserService::create_by(
    sql::Transaction& tx, std::optional<UserId> actor, const NewUser& wanted
) const {
    auto user = create(tx, wanted);
    if (user.has_error()) return user;
    audit_.append(tx, actor, "user.created", subject_of(user->id), access_text(*user));
    return user;
}

Result<User> UserService::get(sql::Reader& reader, UserId user) const {
    const auto found = reader.find(queries::find_user, {user}, user_of);
    if (!found) return kUserNotFound;
    return *found;
}

std::optional<Account> UserService::find_account(sql::Reader& reader, std::string_view username)
    const {
    const auto account = [](const sql::Row& row) { return Account{user_of(row), row.string(9)}; };
    return reader.find(queries::find_user_by_key, {username_key(username)}, account);
}

std::optional<std::string> UserService::find_password_hash(sql::Reader& reader, UserId user) const {
    const auto hash = [](const sql::Row& row) { return row.string(0); };
    return reader.find(queries::find_password_hash, {user}, hash);
}

UserListing UserService::list(
    sql::Reader& reader, const UserFilter& filter, std::int64_t offset, std::int64_t limit
) const {
    const std::string pattern = like_pattern(filter.text);
    const int staff = filter.staff_only ? 1 : 0;
    UserListing listing;
    listing.users = reader.all(queries::list_users, {pattern, staff, limit, offset}, user_of);
    const auto number = [](const sql::Row& row) { return row.integer(0); };
    listing.total = reader.find(queries::count_users, {pattern, staff}, number).value_or(0);
    return listing;
}

Result<User> UserService::update_profile(
    sql::Transaction& tx, UserId user, const ProfileChange& change
) const {
    const auto changed = tx.find(
        queries::update_profile,
        {user, change.display_name, change.email, change.phone, clock_.now()},
        user_of
    );
    if (!changed) return kUserNotFound;
    return *changed;
}

bool UserService::hold_verified(sql::Transaction& tx, UserId user, const std::string& hash) const {
    return exists(tx, queries::hold_verified, {user, hash});
}

bool UserService::replace_password_hash(
    sql::Transaction& tx, UserId user, const std::string& old_hash, const std::string& hash
) const {
    return tx.execute(queries::replace_password_hash, {user, old_hash, hash}) == 1;
}

Result<void> UserService::set_password(
    sql::Transaction& tx, std::optional<UserId> actor, UserId user, const std::string& hash
) const {
    if (tx.execute(queries::set_password_hash, {user, hash, clock_.now()}) == 0) {
        return kUserNotFound;
    }
    sessions_.end_all(tx, user);
    audit_.append(tx, actor, "user.password_set", subject_of(user), "");
    return {};
}

Result<User> UserService::set_access(
    sql::Transaction& tx, std::optional<UserId> actor, UserId user, const AccessChange& change
) const {
    const auto admins =
        tx.all(queries::hold_admins, {}, [](const sql::Row& row) { return row.id<UserId>(0); });
    const auto disabled =
        change.disabled ? std::optional<int>{*change.disabled ? 1 : 0} : std::nullopt;
    const auto bits =
        change.rights ? std::optional<std::int64_t>{change.rights->bits()} : std::nullopt;
    const auto changed =
        tx.find(queries::set_access, {user, bits, disabled, clock_.now()}, user_of);
    if (!changed) return kUserNotFound;

    const bool was_admin = std::find(admins.begin(), admins.end(), user) != admins.end();
    const bool is_admin = changed->rights.has(Right::admin) && !changed->disabled;
    if (was_admin && !is_admin && admins.size() == 1) return kLastAdmin;

    if (changed->disabled) sessions_.end_all(tx, user);
    sessions_.refresh(tx, user);
    audit_.append(tx, actor, "user.access_changed", subject_of(user), access_text(*changed));
    return *changed;
}

bool UserService::has_admin(sql::Reader& reader) const {
    return exists(reader, queries::has_admin, {});
}

Invitation UserService::invite_admin(
    sql::Transaction& tx, std::optional<UserId> actor, Milliseconds valid_for
) const {
    const Time now = clock_.now();
    Invitation invitation{new_token(random_), now + valid_for};
    const TokenHash hash = hash_of(invitation.token.reveal());
    tx.execute(queries::insert_invitation, {sql::Bytes{hash}, now, invitation.expires_at});
    audit_.append(
        tx, actor, "admin.invited", "invitation", "until " + to_rfc3339(invitation.expires_at)
    );
    return invitation;
}

bool UserService::is_invitation(sql::Reader& reader, std::string_view token) const {
    const TokenHash hash = hash_of(token);
    return exists(reader, queries::find_invitation, {sql::Bytes{hash}});
}

Result<User> UserService::accept_invitation(
    sql::Transaction& tx, std::string_view token, const NewUser& wanted
) const {
    const TokenHash hash = hash_of(token);
    if (tx.execute(queries::use_invitation, {sql::Bytes{hash}, clock_.now()}) == 0) {
        if (is_invitation(tx, token)) return kInvitationGone;
        return kInvitationNotFound;
    }
    NewUser admin = wanted;
    admin.rights = Rights::of(Right::admin);
    auto user = create(tx, admin);
    if (user.has_error()) return user;
    tx.execute(queries::note_invited, {sql::Bytes{hash}, user->id});
    audit_.append(tx, user->id, "admin.invitation_accepted", subject_of(user->id), "");
    return user;
}

}  // namespace doorbuster::accounts
