#include "flash_sale/claim_store.hpp"

#include <algorithm>

#include "flash_sale/sql.hpp"

namespace doorbuster::flash_sale::claims {
namespace {

constexpr auto kInteger = sql::ColumnType::integer;
constexpr sql::BulkInsert::Column kColumns[] = {
    {"item_id", kInteger},
    {"user_id", kInteger},
    {"slot", kInteger},
    {"order_no", kInteger},
    {"key", sql::ColumnType::text},
    {"fingerprint", sql::ColumnType::bytes}};
constexpr sql::BulkInsert kInsert{
    "flash_sale.insert_claims", "promotion_claims", kColumns, "ON CONFLICT DO NOTHING"};

std::string json_list(std::span<const UserId> users) {
    std::string list = "[";
    for (const UserId user : users) {
        if (list.size() > 1) list += ',';
        list += user.to_string();
    }
    return list += ']';
}

RequestKey request_of(const sql::Row& row, int first) {
    RequestKey request{row.string(first), {}};
    const sql::Bytes stored = row.bytes(first + 1);
    const std::size_t size = std::min(stored.size(), request.fingerprint.size());
    std::copy_n(stored.begin(), size, request.fingerprint.begin());
    return request;
}

}  // namespace

std::vector<std::int64_t> UserClaims::free_slots(std::int64_t count) const {
    std::vector<std::int64_t> free;
    auto taken = slots.begin();
    for (std::int64_t slot = 1; count > 0; ++slot) {
        if (taken != slots.end() && *taken == slot) {
            ++taken;
            continue;
        }
        free.push_back(slot);
        --count;
    }
    return free;
}

const UserClaims::Known* UserClaims::find(const std::string& key) const {
    const auto same = [&](const Known& known) { return known.request.key == key; };
    const auto found = std::find_if(requests.begin(), requests.end(), same);
    return found == requests.end() ? nullptr : &*found;
}

std::unordered_map<UserId, UserClaims> of_users(
    sql::Reader& reader, PromotionItemId item, std::span<const UserId> users
) {
    std::unordered_map<UserId, UserClaims> found;
    const std::string list = json_list(users);
    reader.query(queries::claims_of_users, {item, list}, [&](const sql::Row& row) {
        UserClaims& of_user = found[row.id<UserId>(0)];
        if (row.integer(1) > 0) of_user.slots.push_back(row.integer(1));
        if (!row.is_null(3)) of_user.requests.push_back({row.id<OrderNo>(2), request_of(row, 3)});
    });
    return found;
}

bool insert(sql::Transaction& tx, std::span<const NewClaim> claims) {
    std::vector<sql::Param> rows;
    rows.reserve(claims.size() * std::size(kColumns));
    for (const NewClaim& claim : claims) {
        const RequestKey* request = claim.request;
        rows.insert(rows.end(), {claim.item, claim.user, claim.slot, claim.order});
        rows.push_back(request ? sql::Param{request->key} : sql::Param{std::nullopt});
        rows.push_back(
            request ? sql::Param{sql::Bytes{request->fingerprint}} : sql::Param{std::nullopt}
        );
    }
    return tx.insert_many(kInsert, rows) == static_cast<std::int64_t>(claims.size());
}

std::int64_t release(sql::Transaction& tx, PromotionItemId item, UserId user, OrderNo order) {
    const auto kept = tx.execute(queries::keep_released_claim, {item, user, order});
    return kept + tx.execute(queries::delete_released_claims, {item, user, order});
}

StockGate::Holders holders(sql::Reader& reader, PromotionItemId item) {
    return reader.all(queries::list_holders, {item}, [](const sql::Row& row) {
        return std::pair{row.id<UserId>(0), row.integer(1)};
    });
}

void each_key(
    sql::Reader& reader, PromotionItemId item, const std::function<void(std::string_view)>& each
) {
    reader.query(queries::list_claim_keys, {item}, [&](const sql::Row& row) { each(row.text(0)); });
}

}  // namespace doorbuster::flash_sale::claims
