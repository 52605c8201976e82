#include "accounts/accounts_routes.hpp"

#include <algorithm>
#include <boost/json/object.hpp>

#include "accounts/admin_routes.hpp"
#include "accounts/errors.hpp"
#include "accounts/route_support.hpp"
#include "accounts/session_routes.hpp"

namespace doorbuster::accounts {

namespace {

Task<http::Response> register_user(Accounts& accounts, http::Request& request) {
    http::Fields fields = http::Fields::body(request);
    Registration registration = read_registration(fields);
    const auto checked = fields.check();
    if (checked.has_error()) co_return http::failure(request, checked.error());
    if (const auto wait = accounts.limits.begin_registration(request.remote_address)) {
        co_return too_many(request, *wait);
    }
    Create create = [&](sql::Transaction& tx, const NewUser& wanted) {
        return accounts.users.create(tx, wanted);
    };
    Task<http::Response> answer =
        register_with(accounts, request, std::move(registration), std::move(create));
    co_return co_await std::move(answer);
}

Task<http::Response> accept_invitation(Accounts& accounts, http::Request& request) {
    http::Fields fields = http::Fields::body(request);
    Registration registration = read_registration(fields);
    const auto checked = fields.check();
    if (checked.has_error()) co_return http::failure(request, checked.error());
    if (const auto wait = accounts.limits.begin_registration(request.remote_address)) {
        co_return too_many(request, *wait);
    }
    const std::string_view token = request.path_param("token");
    const auto look_in = [&](sql::Reader& reader) {
        return accounts.users.is_invitation(reader, token);
    };
    // Before the password is hashed: what is not even an invitation costs little.
    const bool known = co_await accounts.database.read(look_in);
    if (!known) co_return http::failure(request, kInvitationNotFound);
    Create create = [&](sql::Transaction& tx, const NewUser& wanted) {
        return accounts.users.accept_invitation(tx, token, wanted);
    };
    Task<http::Response> answer =
        register_with(accounts, request, std::move(registration), std::move(create));
    co_return co_await std::move(answer);
}

Task<http::Response> show_me(Accounts& accounts, http::Request& request) {
    const auto get_in = [&](sql::Reader& reader) {
        return accounts.users.get(reader, request.user());
    };
    const auto user = co_await accounts.database.read(get_in);
    co_return http::answer(request, user, user_json);
}

bool is_email(std::string_view text) {
    const auto at = text.find('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           text.find('@', at + 1) == std::string_view::npos &&
           text.find_first_of(" <>\"',;") == std::string_view::npos;
}

bool is_phone(std::string_view text) {
    return text.size() >= 5 && text.find_first_not_of("0123456789 +-()") == std::string_view::npos;
}

// An empty text takes a value back.
ProfileChange read_profile_change(http::Fields& fields) {
    ProfileChange change;
    change.display_name = fields.optional_text("display_name", {.min = 0, .max = 64});
    change.email = fields.optional_text("email", {.min = 0, .max = 254});
    change.phone = fields.optional_text("phone", {.min = 0, .max = 20});
    if (change.email && !change.email->empty() && !is_email(*change.email)) {
        fields.reject("email", "is not an e-mail address");
    }
    if (change.phone && !change.phone->empty() && !is_phone(*change.phone)) {
        fields.reject("phone", "must be 5 to 20 digits, spaces, or any of + - ( )");
    }
    return change;
}

Task<http::Response> change_me(Accounts& accounts, http::Request& request) {
    http::Fields fields = http::Fields::body(request);
    const ProfileChange change = read_profile_change(fields);
    const auto checked = fields.check();
    if (checked.has_error()) co_return http::failure(request, checked.error());
    const auto change_in = [&](sql::Transaction& tx) {
        return accounts.users.update_profile(tx, request.user(), change);
    };
    const auto user = co_await accounts.database.write(change_in);
    co_return http::answer(request, user, user_json);
}

Task<http::Response> change_password(Accounts& accounts, http::Request& request) {
    http::Fields fields = http::Fields::body(request);
    Secret current{fields.text("current_password", {.min = 1, .max = 128})};
    Secret wanted = read_new_password(fields, "new_password");
    const auto checked = fields.check();
    if (checked.has_error()) co_return http::failure(request, checked.error());
    Task<Limited<std::monostate>> changing =
        accounts.login.change_password(*request.principal, std::move(current), std::move(wanted));
    const auto outcome = co_await std::move(changing);
    if (outcome.retry_after.count() > 0) co_return too_many(request, outcome.retry_after);
    if (outcome.result.has_error()) co_return http::failure(request, outcome.result.error());
    co_return http::done(request);
}

constexpr std::size_t kBodyMax = 16 * 1024;

http::Route registration_route(Accounts& accounts) {
    return {
        http::Method::post,
        "/api/v1/users",
        http::Access::anyone(),
        [&accounts](http::Request& r) { return register_user(accounts, r); },
        {.body_bytes_max = kBodyMax}};
}

http::Routes own_routes(Accounts& accounts) {
    using http::Access;
    using http::Method;
    return {
        {Method::post,
         "/api/v1/admin-invitations/{token}",
         Access::anyone(),
         [&accounts](http::Request& r) { return accept_invitation(accounts, r); },
         {.body_bytes_max = kBodyMax}},
        {Method::get,
         "/api/v1/users/me",
         Access::user(),
         [&accounts](http::Request& r) { return show_me(accounts, r); }},
        {Method::patch,
         "/api/v1/users/me",
         Access::user(),
         [&accounts](http::Request& r) { return change_me(accounts, r); },
         {.body_bytes_max = kBodyMax}},
        {Method::put,
         "/api/v1/users/me/password",
         Access::user(),
         [&accounts](http::Request& r) { return change_password(accounts, r); },
         {.body_bytes_max = kBodyMax}}};
}

}  // namespace

http::Routes staff_accounts_routes(Accounts& accounts) {
    return http::joined({own_routes(accounts), session_routes(accounts), admin_routes(accounts)});
}

http::Routes accounts_routes(Accounts& accounts) {
    return http::joined(
        {http::Routes{registration_route(accounts)}, staff_accounts_routes(accounts)}
    );
}

}  // namespace doorbuster::accounts
