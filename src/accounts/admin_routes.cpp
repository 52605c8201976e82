#include "accounts/admin_routes.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "accounts/route_support.hpp"
#include "http/listing.hpp"

namespace doorbuster::accounts {

namespace {

namespace json = boost::json;

Task<http::Response> show_user(Accounts& accounts, http::Request& request) {
    const auto id = request.path_id<UserId>("id");
    const auto get_in = [&](sql::Reader& reader) { return accounts.users.get(reader, id); };
    const auto user = co_await accounts.database.read(get_in);
    co_return http::answer(request, user, user_json);
}

Task<http::Response> change_access(Accounts& accounts, http::Request& request) {
    http::Fields fields = http::Fields::body(request);
    const AccessChange change = read_access_change(fields);
    const auto checked = fields.check();
    if (checked.has_error()) co_return http::failure(request, checked.error());
    const auto id = request.path_id<UserId>("id");
    const auto change_in = [&](sql::Transaction& tx) {
        return accounts.users.set_access(tx, request.user(), id, change);
    };
    const auto user = co_await accounts.database.write(change_in);
    co_return http::answer(request, user, user_json);
}

json::value actor_json(const std::optional<UserId>& actor) {
    return actor ? json::value(actor->to_string()) : json::value(nullptr);
}

json::object listing_json(const events::AuditLog::Listing& listing, const http::Page& page) {
    json::array list;
    for (const auto& entry : listing.entries) {
        list.push_back(json::object{
            {"id", std::to_string(entry.id)},
            {"at", to_rfc3339(entry.at)},
            {"actor", actor_json(entry.actor)},
            {"action", entry.action},
            {"subject", entry.subject},
            {"detail", entry.detail}});
    }
    return http::listing_json(std::move(list), listing.total, page);
}

Task<http::Response> list_audit_log(Accounts& accounts, http::Request& request) {
    http::Fields query = http::Fields::query(request);
    const http::Page page = http::page_of(query);
    events::AuditLog::Filter filter;
    filter.actor = query.optional_id<UserId>("actor");
    filter.subject = query.optional_text("subject", {.min = 1, .max = 100});
    const auto checked = query.check();
    if (checked.has_error()) co_return http::failure(request, checked.error());
    const auto list_in = [&](sql::Reader& reader) {
        return accounts.audit.list(reader, filter, page.offset(), page.page_size);
    };
    const auto listing = co_await accounts.database.read(list_in);
    co_return http::ok(request, listing_json(listing, page));
}

}  // namespace

http::Routes admin_routes(Accounts& accounts) {
    using http::Access;
    using http::Method;
    const Access admin = Access::staff(Right::admin);
    return {
        {Method::get,
         "/api/admin/v1/users",
         admin,
         [&accounts](http::Request& r) { return list_users(accounts, r); }},
        {Method::get,
         "/api/admin/v1/users/{id}",
         admin,
         [&accounts](http::Request& r) { return show_user(accounts, r); }},
        {Method::patch,
         "/api/admin/v1/users/{id}",
         admin,
         [&accounts](http::Request& r) { return change_access(accounts, r); }},
        {Method::get, "/api/admin/v1/audit-log", admin, [&accounts](http::Request& r) {
             return list_audit_log(accounts, r);
         }}};
}

}  // namespace doorbuster::accounts
