#include "flash_sale/engine/rehearsal_buyers.hpp"

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

}  // namespace doorbuster::flash_sale
