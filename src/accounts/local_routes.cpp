#include <boost/json/object.hpp>

#include "accounts/accounts_routes.hpp"
#include "accounts/errors.hpp"
#include "accounts/route_support.hpp"

namespace doorbuster::accounts {

namespace {

namespace json = boost::json;

Result<UserId> id_of(Accounts& accounts, sql::Reader& reader, std::string_view username) {
    const auto account = accounts.users.find_account(reader, username);
    if (!account) return kUserNotFound;
    return account->user.id;
}

Task<http::Response> create_user(Accounts& accounts, http::Request& request) {
    http::Fields fields = http::Fields::body(request);
    Registration registration = read_registration(fields);
    const Rights rights = read_rights(fields).value_or(Rights{});
    const auto checked = fields.check();
    if (checked.has_error()) co_return http::failure(request, checked.error());
    Create create = [&](sql::Transaction& tx, const NewUser& wanted) {
        return accounts.users.create_by(
            tx, std::nullopt, {wanted.username, wanted.password_hash, rights}
        );
    };
    Task<http::Response> answer =
        register_with(accounts, request, std::move(registration), std::move(create));
    co_return co_await std::move(answer);
}

Task<http::Response> set_password(Accounts& accounts, http::Request& request) {
    http::Fields fields = http::Fields::body(request);
    Secret password = read_new_password(fields, "password");
    const auto checked = fields.check();
    if (checked.has_error()) co_return http::failure(request, checked.error());
    Task<Result<std::string>> hashing = accounts.hasher.hash(std::move(password));
    const auto hash = co_await std::move(hashing);
    if (hash.has_error()) co_return http::failure(request, hash.error());
    const auto set_in = [&](sql::Transaction& tx) -> Result<void> {
        const auto id = id_of(accounts, tx, request.path_param("username"));
        if (id.has_error()) return id.error();
        return accounts.users.set_password(tx, std::nullopt, *id, *hash);
    };
    const auto set = co_await accounts.database.write(set_in);
    co_return http::answer(request, set);
}

Task<http::Response> change_access(Accounts& accounts, http::Request& request) {
    http::Fields fields = http::Fields::body(request);
    const AccessChange change = read_access_change(fields);
    const auto checked = fields.check();
    if (checked.has_error()) co_return http::failure(request, checked.error());
    const auto change_in = [&](sql::Transaction& tx) -> Result<User> {
        const auto id = id_of(accounts, tx, request.path_param("username"));
        if (id.has_error()) return id.error();
        return accounts.users.set_access(tx, std::nullopt, *id, change);
    };
    const auto user = co_await accounts.database.write(change_in);
    co_return http::answer(request, user, user_json);
}

Task<http::Response> invite_admin(Accounts& accounts, http::Request& request) {
    const auto invite_in = [&](sql::Transaction& tx) {
        return accounts.users.invite_admin(
            tx, std::nullopt, accounts.settings.invitation_valid_for
        );
    };
    const Invitation invitation = co_await accounts.database.write(invite_in);
    const json::object data{
        {"token", invitation.token.reveal()}, {"expires_at", to_rfc3339(invitation.expires_at)}};
    co_return http::created(request, data);
}

}  // namespace

http::Routes local_user_routes(Accounts& accounts) {
    using http::Access;
    using http::Method;
    const Access local = Access::local();
    return {
        {Method::get,
         "/local/v1/users",
         local,
         [&accounts](http::Request& r) { return list_users(accounts, r); }},
        {Method::post,
         "/local/v1/users",
         local,
         [&accounts](http::Request& r) { return create_user(accounts, r); }},
        {Method::patch,
         "/local/v1/users/{username}",
         local,
         [&accounts](http::Request& r) { return change_access(accounts, r); }},
        {Method::put,
         "/local/v1/users/{username}/password",
         local,
         [&accounts](http::Request& r) { return set_password(accounts, r); }},
        {Method::post, "/local/v1/admin-invitations", local, [&accounts](http::Request& r) {
             return invite_admin(accounts, r);
         }}};
}

}  // namespace doorbuster::accounts
