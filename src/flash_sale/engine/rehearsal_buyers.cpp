#include "flash_sale/engine/rehearsal_buyers.hpp"

#include <functional>
#include <mutex>

#include "flash_sale/engine/sql.hpp"

namespace doorbuster::flash_sale {

namespace queries = engine::queries;

std::unordered_set<UserId> rehearsal_buyers_among(
    sql::Reader& reader, std::span<const UserId> users
) {
    std::string list = "[";
    for (const UserId user : users) list += (list.size() > 1 ? "," : "") + user.to_string();
    list += ']';
    std::unordered_set<UserId> found;
    reader.query(queries::rehearsal_buyers_among, {list}, [&](const sql::Row& row) {
        found.insert(row.id<UserId>(0));
    });
    return found;
}

Task<bool> RehearsalBuyers::has(UserId user, std::string_view authorization) {
    if (knows_session(authorization)) co_return true;
    const auto read = [user](sql::Reader& reader) {
        return rehearsal_buyers_among(reader, std::span{&user, 1}).contains(user);
    };
    const bool is_one = co_await database_.read(read);
    if (is_one && !authorization.empty()) remember(authorization);
    co_return is_one;
}

void RehearsalBuyers::remember(std::string_view authorization) {
    const std::unique_lock lock{mutex_};
    if (sessions_.size() >= kSessionsMax) sessions_.clear();
    sessions_.insert(std::hash<std::string_view>{}(authorization));
}

bool RehearsalBuyers::knows_session(std::string_view authorization) const {
    const std::size_t hash = std::hash<std::string_view>{}(authorization);
    const std::shared_lock lock{mutex_};
    return sessions_.contains(hash);
}

}  // namespace doorbuster::flash_sale
