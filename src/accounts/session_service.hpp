#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/session_cache.hpp"
#include "accounts/token.hpp"
#include "core/clock.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "http/router.hpp"
#include "ports/database.hpp"

namespace doorbuster::accounts {

inline constexpr std::string_view kSessionCookie = "db_session";
inline constexpr std::string_view kCsrfCookie = "db_csrf";  // readable by the web page
inline constexpr std::string_view kCsrfHeader = "X-CSRF-Token";

struct SessionSettings {
    Milliseconds absolute = std::chrono::hours{24 * 30};  // ends then, used or not
    Milliseconds idle = std::chrono::hours{24 * 7};       // ends when not used for so long
    Milliseconds touch_every = std::chrono::minutes{5};   // how exact "last seen" is
    std::int64_t per_user_max = 50;                       // one more ends the oldest
    std::size_t cache_entries_max = 262'144;
    Milliseconds cache_time_to_live = std::chrono::minutes{5};
    // Where other processes may end a session, this is how long it may outlive that here.
    Milliseconds shared_cache_time_to_live = std::chrono::seconds{2};
};

// What a log-in gives out; the tokens are told once and kept only as hashes.
struct OpenedSession {
    SessionId id;
    Secret token;
    Secret csrf_token;
    Time expires_at;  // unless it is used before
};

struct SessionInfo {
    SessionId id;
    Time created_at;
    Time last_seen_at;
    Time expires_at;
    std::string address;
    std::string user_agent;
};

// Owns sessions: opaque tokens, by bearer header or by cookie with CSRF token. An ended session is
// refused from the moment its end is told: at once by this process, within
// shared_cache_time_to_live by others. Thread-safe.
class SessionService final : public http::Authenticator {
public:
    SessionService(
        sql::Database& database, const Clock& clock, Random& random, SessionSettings settings = {}
    );

    // A bearer token counts before a cookie. Errors: kSessionInvalid, kCsrfFailed.
    Task<Result<std::optional<Principal>>> authenticate(
        const http::Request& request, bool check_csrf
    ) override;

    // Each log-in has a session of its own.
    OpenedSession open(
        sql::Transaction& tx, UserId user, std::string_view address, std::string_view user_agent
    );
    // Errors: kSessionNotFound, also for another user's.
    Result<void> end(sql::Transaction& tx, UserId user, SessionId session);
    void end_all(sql::Transaction& tx, UserId user, std::optional<SessionId> keep = {});
    std::vector<SessionInfo> list(sql::Reader& reader, UserId user) const;
    // Whether the user has a session from there.
    bool is_known_address(sql::Reader& reader, UserId user, std::string_view address) const;

    // To be called where a user's rights change: the next request sees the new ones.
    void refresh(sql::Transaction& tx, UserId user);
    // Removes at most `limit` ended sessions and tells how many.
    std::int64_t sweep(sql::Transaction& tx, std::int64_t limit) const;

    const SessionSettings& settings() const { return settings_; }

private:
    Task<std::optional<LiveSession>> find(TokenHash token);
    Task<void> touch(TokenHash token, LiveSession session, Time now);
    Time expiry(Time created_at, Time last_seen_at) const;

    sql::Database& database_;
    const Clock& clock_;
    Random& random_;
    const SessionSettings settings_;
    SessionCache cache_;
};

}  // namespace doorbuster::accounts
