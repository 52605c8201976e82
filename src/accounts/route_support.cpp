#include "accounts/route_support.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "accounts/errors.hpp"
#include "accounts/username.hpp"
#include "http/listing.hpp"

namespace doorbuster::accounts {

namespace json = boost::json;

namespace {

constexpr http::TextLimits kPassword{.min = 8, .max = 128};

}  // namespace

json::object user_json(const User& user) {
    json::array rights;
    for (const std::string_view word : words_of(user.rights)) rights.emplace_back(word);
    return {
        {"id", user.id.to_string()},
        {"username", user.username},
        {"display_name", user.display_name},
        {"email", user.email},
        {"phone", user.phone},
        {"role", role_of(user.rights)},
        {"rights", std::move(rights)},
        {"disabled", user.disabled},
        {"created_at", to_rfc3339(user.created_at)},
        {"updated_at", to_rfc3339(user.updated_at)}};
}

std::string user_text(const User& user) { return json::serialize(user_json(user)); }

Registration read_registration(http::Fields& fields) {
    Registration registration;
    registration.username = fields.text("username");
    registration.password = read_new_password(fields, "password");
    if (!registration.username.empty() && !is_username(registration.username)) {
        fields.reject(
            "username", "must be 3 to 32 letters, digits, Chinese characters, or any of _ - ."
        );
    }
    return registration;
}

Secret read_new_password(http::Fields& fields, std::string_view name) {
    return Secret{fields.text(name, kPassword)};
}

std::optional<Rights> read_rights(http::Fields& fields) {
    if (!fields.has("rights")) return std::nullopt;
    const auto words = fields.texts("rights", right_words().size());
    const auto rights = rights_from(words);
    if (!rights) fields.reject("rights", "may hold catalog, orders, marketing, finance, admin");
    return rights;
}

AccessChange read_access_change(http::Fields& fields) {
    const AccessChange change{read_rights(fields), fields.optional_boolean("disabled")};
    if (!fields.has("rights") && !fields.has("disabled")) {
        fields.reject("rights", "or disabled must be given");
    }
    return change;
}

http::Response too_many(const http::Request& request, std::chrono::seconds wait) {
    http::Response response = http::failure(request, kTooManyAttempts);
    response.with("Retry-After", std::to_string(wait.count()));
    return response;
}

Task<Result<std::optional<idempotency::Key>>> registration_key(
    PasswordHasher& hasher, const http::Request& request, const Registration& registration
) {
    auto key = idempotency::key_of(request, registration.username);
    if (key.has_error() || !*key) co_return key;
    std::string purpose = "idempotency " + (*key)->owner + ' ' + (*key)->key;
    Task<Result<std::string>> deriving = hasher.derive(registration.password, std::move(purpose));
    const auto derived = co_await std::move(deriving);
    if (derived.has_error()) co_return derived.error();
    co_return idempotency::key_of(request, registration.username + '\n' + *derived);
}

Task<http::Response> register_with(
    Accounts& accounts, const http::Request& request, Registration registration, Create create
) {
    auto key = co_await registration_key(accounts.hasher, request, registration);
    if (key.has_error()) co_return http::failure(request, key.error());
    Task<Result<std::string>> hashing = accounts.hasher.hash(registration.password);
    const auto hash = co_await std::move(hashing);
    if (hash.has_error()) co_return http::failure(request, hash.error());
    const NewUser wanted{registration.username, *hash, Rights{}};
    idempotency::Work work = [&](sql::Transaction& tx) -> Result<std::string> {
        const auto user = create(tx, wanted);
        if (user.has_error()) return user.error();
        return user_text(*user);
    };
    Task<http::Response> answer = idempotency::respond(
        accounts.database, accounts.clock, request, *std::move(key), 201, std::move(work)
    );
    co_return co_await std::move(answer);
}

namespace {

json::object listing_json(const UserListing& listing, const http::Page& page) {
    json::array list;
    for (const User& user : listing.users) list.push_back(user_json(user));
    return http::listing_json(std::move(list), listing.total, page);
}

}  // namespace

Task<http::Response> list_users(Accounts& accounts, http::Request& request) {
    http::Fields query = http::Fields::query(request);
    const http::Page page = http::page_of(query);
    UserFilter filter;
    filter.text = query.optional_text("q", {.min = 0, .max = 32}).value_or("");
    filter.staff_only = query.optional_boolean("staff").value_or(false);
    const auto checked = query.check();
    if (checked.has_error()) co_return http::failure(request, checked.error());
    const auto list_in = [&](sql::Reader& reader) {
        return accounts.users.list(reader, filter, page.offset(), page.page_size);
    };
    const auto listing = co_await accounts.database.read(list_in);
    co_return http::ok(request, listing_json(listing, page));
}

}  // namespace doorbuster::accounts
