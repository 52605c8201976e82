#include "accounts/session_service.hpp"

#include <algorithm>

#include "accounts/errors.hpp"
#include "accounts/sql.hpp"
#include "ports/log.hpp"

namespace doorbuster::accounts {

namespace {

constexpr std::size_t kAddressBytesMax = 64;
constexpr std::size_t kUserAgentBytesMax = 255;

struct Credentials {
    enum class Kind { none, bearer, cookie } kind = Kind::none;
    std::string_view token;
};

bool is_bearer(std::string_view scheme) {
    constexpr std::string_view kBearer = "bearer";
    const auto same = [](char a, char b) { return (a | 0x20) == b; };
    return std::equal(scheme.begin(), scheme.end(), kBearer.begin(), kBearer.end(), same);
}

// Another scheme than Bearer reads as a bearer token that names nothing.
Credentials credentials_of(const http::Request& request) {
    const std::string_view header = request.header("Authorization");
    if (!header.empty()) {
        const std::size_t space = std::min(header.find(' '), header.size());
        if (!is_bearer(header.substr(0, space))) return {Credentials::Kind::bearer, {}};
        std::string_view token = header.substr(space);
        token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
        return {Credentials::Kind::bearer, token};
    }
    const std::string_view cookie = request.cookie(kSessionCookie);
    if (!cookie.empty()) return {Credentials::Kind::cookie, cookie};
    return {};
}

TokenHash token_hash(sql::Bytes bytes) {
    TokenHash hash{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
    return hash;
}

LiveSession live_session(const sql::Row& row) {
    LiveSession session;
    session.principal.session = row.id<SessionId>(0);
    session.principal.user = row.id<UserId>(1);
    session.principal.rights = Rights{static_cast<std::uint32_t>(row.integer(2))};
    session.csrf_hash = token_hash(row.bytes(3));
    session.created_at = row.time(4);
    session.last_seen_at = row.time(5);
    session.expires_at = row.time(6);
    return session;
}

// A header is any bytes; what is kept and shown of it is short printable ASCII.
std::string printable(std::string_view text, std::size_t bytes_max) {
    std::string kept{text.substr(0, bytes_max)};
    for (char& c : kept) {
        if (c < ' ' || c > '~') c = '?';
    }
    return kept;
}

}  // namespace

SessionService::SessionService(
    sql::Database& database, const Clock& clock, Random& random, SessionSettings settings
)
    : database_{database},
      clock_{clock},
      random_{random},
      settings_{settings},
      cache_{
          settings.cache_entries_max,
          database.shared()
              ? std::min(settings.cache_time_to_live, settings.shared_cache_time_to_live)
              : settings.cache_time_to_live} {}

Task<Result<std::optional<Principal>>> SessionService::authenticate(
    const http::Request& request, bool check_csrf
) {
    const Credentials given = credentials_of(request);
    if (given.kind == Credentials::Kind::none) co_return std::optional<Principal>{};
    if (given.token.size() != kTokenCharacters) co_return kSessionInvalid;

    const TokenHash token = hash_of(given.token);
    auto session = cache_.find(token, clock_.steady());
    if (!session) session = co_await find(token);
    const Time now = clock_.now();
    if (!session || session->expires_at <= now) co_return kSessionInvalid;

    const bool by_cookie = given.kind == Credentials::Kind::cookie;
    if (by_cookie && check_csrf) {
        const TokenHash csrf = hash_of(request.header(kCsrfHeader));
        if (!equal(csrf, session->csrf_hash)) co_return kCsrfFailed;
    }
    if (now - session->last_seen_at >= settings_.touch_every) co_await touch(token, *session, now);
    co_return std::optional{session->principal};
}

Task<std::optional<LiveSession>> SessionService::find(TokenHash token) {
    const std::uint64_t generation = cache_.generation();
    const auto find_in = [token](sql::Reader& reader) {
        return reader.find(queries::find_live_session, {sql::Bytes{token}}, live_session);
    };
    auto session = co_await database_.read(find_in);
    if (session) cache_.put(token, *session, generation, clock_.steady());
    co_return session;
}

// A request is not refused because this could not be written down: it is tried again with the next
// one that finds the session old.
Task<void> SessionService::touch(TokenHash token, LiveSession session, Time now) {
    const Time expires_at = expiry(session.created_at, now);
    if (!cache_.claim_touch(token, now - settings_.touch_every, now, expires_at)) co_return;
    const SessionId id = session.principal.session;
    const auto touch_in = [id, now, expires_at](sql::Transaction& tx) {
        tx.execute(queries::touch_session, {id, now, expires_at});
    };
    const sql::JobOptions options{.wait_max = std::chrono::seconds{1}};
    try {
        co_await database_.write(touch_in, options);
    } catch (const sql::Error& error) {
        log::debug("accounts.session_not_touched", {{"session", id}, {"reason", error.what()}});
    }
}

Time SessionService::expiry(Time created_at, Time last_seen_at) const {
    return std::min(created_at + settings_.absolute, last_seen_at + settings_.idle);
}

OpenedSession SessionService::open(
    sql::Transaction& tx, UserId user, std::string_view address, std::string_view user_agent
) {
    const Time now = clock_.now();
    OpenedSession opened{{}, new_token(random_), new_token(random_), expiry(now, now)};
    const TokenHash token = hash_of(opened.token.reveal());
    const TokenHash csrf = hash_of(opened.csrf_token.reveal());
    const std::string from = printable(address, kAddressBytesMax);
    const std::string agent = printable(user_agent, kUserAgentBytesMax);
    const auto id = tx.find(
        queries::insert_session,
        {sql::Bytes{token}, sql::Bytes{csrf}, user, now, opened.expires_at, from, agent},
        [](const sql::Row& row) { return row.id<SessionId>(0); }
    );
    DOORBUSTER_ASSERT(id.has_value());
    opened.id = *id;
    if (tx.execute(queries::delete_oldest_sessions, {user, settings_.per_user_max}) > 0) {
        refresh(tx, user);
    }
    return opened;
}

Result<void> SessionService::end(sql::Transaction& tx, UserId user, SessionId session) {
    if (tx.execute(queries::delete_session, {user, session}) == 0) return kSessionNotFound;
    refresh(tx, user);
    return {};
}

void SessionService::end_all(sql::Transaction& tx, UserId user, std::optional<SessionId> keep) {
    tx.execute(queries::delete_sessions, {user, keep.value_or(SessionId{})});
    refresh(tx, user);
}

std::vector<SessionInfo> SessionService::list(sql::Reader& reader, UserId user) const {
    const auto info = [](const sql::Row& row) {
        return SessionInfo{
            row.id<SessionId>(0),
            row.time(1),
            row.time(2),
            row.time(3),
            row.string(4),
            row.string(5)};
    };
    return reader.all(queries::list_sessions, {user, clock_.now()}, info);
}

bool SessionService::is_known_address(sql::Reader& reader, UserId user, std::string_view address)
    const {
    const std::string from = printable(address, kAddressBytesMax);
    const auto one = [](const sql::Row&) { return true; };
    return reader.find(queries::is_known_address, {user, from}, one).has_value();
}

void SessionService::refresh(sql::Transaction& tx, UserId user) {
    tx.after_commit([this, user] { cache_.forget(user); });
}

std::int64_t SessionService::sweep(sql::Transaction& tx, std::int64_t limit) const {
    return tx.execute(queries::sweep_sessions, {clock_.now(), limit});
}

}  // namespace doorbuster::accounts
