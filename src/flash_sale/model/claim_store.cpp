#include "flash_sale/model/claim_store.hpp"

#include <algorithm>

#include "flash_sale/model/sql.hpp"
#include "orders/order_queries.hpp"

namespace doorbuster::flash_sale::claims {

namespace queries = model::queries;

namespace {

constexpr auto kInteger = sql::ColumnType::integer;
constexpr sql::BulkInsert::Column kColumns[] = {
    {"item_id", kInteger}, {"user_id", kInteger}, {"slot", kInteger}, {"order_no", kInteger}};
constexpr sql::BulkInsert kInsert{
    "flash_sale.insert_claims", "promotion_claims", kColumns, "ON CONFLICT DO NOTHING"};

// Each once, in rising order: their rows lie beside each other then.
std::string json_list(std::span<const UserId> some_users) {
    std::vector<UserId> users{some_users.begin(), some_users.end()};
    std::sort(users.begin(), users.end());
    users.erase(std::unique(users.begin(), users.end()), users.end());
    std::string list = "[";
    for (const UserId user : users) {
        if (list.size() > 1) list += ',';
        list += user.to_string();
    }
    return list += ']';
}

// Keys of different items never meet, so that one key is one order.
std::string prefix_of(PromotionItemId item) { return item.to_string() + ':'; }

void add_requests(
    sql::Reader& reader,
    PromotionItemId item,
    const std::unordered_map<OrderNo, UserId>& owners,
    std::unordered_map<UserId, UserClaims>& found
) {
    std::vector<OrderNo> orders;
    orders.reserve(owners.size());
    for (const auto& [order, owner] : owners) orders.push_back(order);
    const std::size_t prefix = prefix_of(item).size();
    for (auto& placed : orders::placed_requests(reader, orders)) {
        UserClaims& of_user = found[owners.at(placed.order)];
        of_user.requests.push_back({placed.order, {placed.key.substr(prefix), placed.fingerprint}});
    }
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
    std::unordered_map<OrderNo, UserId> owners;
    const std::string list = json_list(users);
    reader.query(queries::claims_of_users, {item, list}, [&](const sql::Row& row) {
        const auto user = row.id<UserId>(0);
        UserClaims& of_user = found[user];
        if (row.integer(1) > 0) of_user.slots.push_back(row.integer(1));
        owners.emplace(row.id<OrderNo>(2), user);
    });
    if (!owners.empty()) add_requests(reader, item, owners, found);
    return found;
}

bool insert(sql::Transaction& tx, std::span<const NewClaim> claims) {
    std::vector<sql::Param> rows;
    rows.reserve(claims.size() * std::size(kColumns));
    for (const NewClaim& claim : claims) {
        rows.insert(rows.end(), {claim.item, claim.user, claim.slot, claim.order});
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
    // In steps, so that no list grows with the sale.
    constexpr std::size_t kStep = 1000;
    const auto order_of = [](const sql::Row& row) { return row.id<OrderNo>(0); };
    const auto orders = reader.all(queries::list_claim_orders, {item}, order_of);
    const std::size_t prefix = prefix_of(item).size();
    for (std::size_t first = 0; first < orders.size(); first += kStep) {
        const std::size_t count = std::min(kStep, orders.size() - first);
        for (const auto& placed :
             orders::placed_requests(reader, std::span{orders}.subspan(first, count))) {
            each(std::string_view{placed.key}.substr(prefix));
        }
    }
}

std::string stored_key(PromotionItemId item, std::string_view key) {
    return prefix_of(item).append(key);
}

}  // namespace doorbuster::flash_sale::claims
