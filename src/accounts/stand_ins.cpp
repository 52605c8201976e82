#include "accounts/stand_ins.hpp"

#include <unordered_map>

#include "accounts/sql.hpp"
#include "core/assert.hpp"

namespace doorbuster::accounts {
namespace {

using sql::ColumnType;

constexpr sql::BulkInsert::Column kUserColumns[] = {
    {"username", ColumnType::text},
    {"username_key", ColumnType::text},
    {"password_hash", ColumnType::text},
    {"created_at", ColumnType::integer},
    {"updated_at", ColumnType::integer}};
constexpr sql::BulkInsert kInsertUsers{"accounts.insert_stand_ins", "users", kUserColumns};

constexpr sql::BulkInsert::Column kSessionColumns[] = {
    {"token_hash", ColumnType::bytes},
    {"csrf_hash", ColumnType::bytes},
    {"user_id", ColumnType::integer},
    {"created_at", ColumnType::integer},
    {"last_seen_at", ColumnType::integer},
    {"expires_at", ColumnType::integer},
    {"address", ColumnType::text},
    {"user_agent", ColumnType::text}};
constexpr sql::BulkInsert kInsertSessions{
    "accounts.insert_stand_in_sessions", "sessions", kSessionColumns};

// Not the hash of any password: log-in compares and never matches.
constexpr std::string_view kNoPassword = "";

void insert_users(sql::Transaction& tx, std::span<const std::string> names, Time now) {
    std::vector<sql::Param> values;
    for (const std::string& name : names) {
        DOORBUSTER_ASSERT(!name.empty() && name.front() == kStandInMark);
        values.insert(values.end(), {name, name, kNoPassword, now, now});
    }
    tx.insert_many(kInsertUsers, values);
}

// Names of stand-ins hold nothing that JSON would escape.
std::vector<UserId> ids_of(sql::Reader& reader, std::span<const std::string> names) {
    std::string list = "[";
    for (const std::string& name : names) {
        list += (list.size() > 1 ? ",\"" : "\"") + name + '"';
    }
    list += ']';
    std::unordered_map<std::string, UserId> found;
    reader.query(queries::find_user_ids, {list}, [&](const sql::Row& row) {
        found.emplace(row.string(1), row.id<UserId>(0));
    });
    std::vector<UserId> ids;
    ids.reserve(names.size());
    for (const std::string& name : names) ids.push_back(found.at(name));
    return ids;
}

}  // namespace

std::vector<StandIn> create_stand_ins(
    sql::Transaction& tx,
    std::span<const std::string> names,
    Time now,
    Milliseconds valid_for,
    Random& random
) {
    insert_users(tx, names, now);
    std::vector<StandIn> made;
    std::vector<TokenHash> hashes;
    for (const UserId user : ids_of(tx, names)) {
        made.push_back({user, new_token(random)});
        hashes.push_back(hash_of(made.back().token.reveal()));
    }
    // Their sessions are not for browsers: the hash of no token stands where cookies have theirs.
    const TokenHash no_csrf{};
    std::vector<sql::Param> values;
    for (std::size_t i = 0; i < made.size(); ++i) {
        values.insert(
            values.end(),
            {sql::Bytes{hashes[i]},
             sql::Bytes{no_csrf},
             made[i].user,
             now,
             now,
             now + valid_for,
             "",
             "rehearsal"}
        );
    }
    tx.insert_many(kInsertSessions, values);
    return made;
}

}  // namespace doorbuster::accounts
