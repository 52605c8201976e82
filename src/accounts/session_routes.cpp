#include "accounts/session_routes.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "accounts/errors.hpp"
#include "accounts/route_support.hpp"
#include "accounts/username.hpp"
#include "http/listing.hpp"

namespace doorbuster::accounts {

namespace {

namespace json = boost::json;

std::string cookie(
    std::string_view name, std::string_view value, std::chrono::seconds age, bool secure
) {
    std::string text{name};
    text.append("=").append(value).append("; Path=/; SameSite=Lax; Max-Age=");
    text += std::to_string(age.count());
    if (name == kSessionCookie) text += "; HttpOnly";
    if (secure) text += "; Secure";
    return text;
}

void forget_cookies(http::Response& response, bool secure) {
    for (const auto name : {kSessionCookie, kCsrfCookie}) {
        response.with("Set-Cookie", cookie(name, "", std::chrono::seconds{0}, secure));
    }
}

http::Response signed_in_answer(
    const Accounts& accounts, const http::Request& request, const SignedIn& signed_in
) {
    const OpenedSession& session = signed_in.session;
    const std::string& token = session.token.reveal();
    const std::string& csrf = session.csrf_token.reveal();
    const json::object data{
        {"token", token},
        {"csrf_token", csrf},
        {"user", user_json(signed_in.user)},
        {"session_id", session.id.to_string()},
        {"expires_at", to_rfc3339(session.expires_at)}};
    http::Response response = http::created(request, data);
    // The cookie may outlive the session's idle time; the server decides.
    const auto age =
        std::chrono::floor<std::chrono::seconds>(accounts.sessions.settings().absolute);
    response.with("Set-Cookie", cookie(kSessionCookie, token, age, request.secure));
    response.with("Set-Cookie", cookie(kCsrfCookie, csrf, age, request.secure));
    response.with("Cache-Control", "no-store");
    return response;
}

Task<http::Response> log_in(Accounts& accounts, http::Request& request) {
    http::Fields fields = http::Fields::body(request);
    LoginService::Attempt attempt;
    attempt.username = fields.text("username", {.min = 1, .max = kUsernameMax});
    attempt.password = Secret{fields.text("password", {.min = 1, .max = 128})};
    attempt.address = request.remote_address;
    attempt.user_agent = request.header("User-Agent");
    const auto checked = fields.check();
    if (checked.has_error()) co_return http::failure(request, checked.error());

    LoginService::InTransaction tell = [&](sql::Transaction& tx, const User& user) {
        for (LoginListener* listener : accounts.login_listeners) {
            listener->logged_in(tx, request, user);
        }
    };
    Task<Limited<SignedIn>> logging_in = accounts.login.log_in(std::move(attempt), std::move(tell));
    const auto outcome = co_await std::move(logging_in);
    if (outcome.retry_after.count() > 0) co_return too_many(request, outcome.retry_after);
    if (outcome.result.has_error()) co_return http::failure(request, outcome.result.error());
    co_return signed_in_answer(accounts, request, *outcome.result);
}

Task<http::Response> log_out(Accounts& accounts, http::Request& request) {
    const Principal who = *request.principal;
    const auto end_in = [&](sql::Transaction& tx) {
        return accounts.sessions.end(tx, who.user, who.session);
    };
    // Ended by another request meanwhile: that is what was asked for.
    const auto ended = co_await accounts.database.write(end_in);
    static_cast<void>(ended);
    http::Response response = http::done(request);
    forget_cookies(response, request.secure);
    co_return response;
}

Task<http::Response> log_out_everywhere(Accounts& accounts, http::Request& request) {
    const auto end_in = [&](sql::Transaction& tx) {
        accounts.sessions.end_all(tx, request.user());
    };
    co_await accounts.database.write(end_in);
    http::Response response = http::done(request);
    forget_cookies(response, request.secure);
    co_return response;
}

Task<http::Response> end_session(Accounts& accounts, http::Request& request) {
    const auto id = request.path_id<SessionId>("id");
    const auto end_in = [&](sql::Transaction& tx) {
        return accounts.sessions.end(tx, request.user(), id);
    };
    const auto ended = co_await accounts.database.write(end_in);
    http::Response response = http::answer(request, ended);
    const bool own = id == request.principal->session;
    if (ended.has_value() && own) forget_cookies(response, request.secure);
    co_return response;
}

json::object session_json(const SessionInfo& session, SessionId current) {
    return {
        {"id", session.id.to_string()},
        {"created_at", to_rfc3339(session.created_at)},
        {"last_seen_at", to_rfc3339(session.last_seen_at)},
        {"expires_at", to_rfc3339(session.expires_at)},
        {"address", session.address},
        {"user_agent", session.user_agent},
        {"current", session.id == current}};
}

Task<http::Response> list_sessions(Accounts& accounts, http::Request& request) {
    const auto list_in = [&](sql::Reader& reader) {
        return accounts.sessions.list(reader, request.user());
    };
    const auto sessions = co_await accounts.database.read(list_in);
    json::array list;
    for (const SessionInfo& session : sessions) {
        list.push_back(session_json(session, request.principal->session));
    }
    const auto max = accounts.sessions.settings().per_user_max;
    co_return http::ok(request, http::whole_listing_json(std::move(list), max));
}

}  // namespace

http::Routes session_routes(Accounts& accounts) {
    using http::Access;
    using http::Method;
    // The answer holds tokens, which are stored nowhere, so log-in is not replayed by
    // Idempotency-Key: each one opens a session of its own.
    return {
        {Method::post,
         "/api/v1/sessions",
         Access::anyone(),
         [&accounts](http::Request& r) { return log_in(accounts, r); },
         {.body_bytes_max = 16 * 1024, .csrf = false}},
        {Method::get,
         "/api/v1/sessions",
         Access::user(),
         [&accounts](http::Request& r) { return list_sessions(accounts, r); }},
        {Method::del,
         "/api/v1/sessions",
         Access::user(),
         [&accounts](http::Request& r) { return log_out_everywhere(accounts, r); }},
        {Method::del,
         "/api/v1/sessions/current",
         Access::user(),
         [&accounts](http::Request& r) { return log_out(accounts, r); }},
        {Method::del, "/api/v1/sessions/{id}", Access::user(), [&accounts](http::Request& r) {
             return end_session(accounts, r);
         }}};
}

}  // namespace doorbuster::accounts
