#include <algorithm>
#include <unordered_set>

#include "cart/cart_service.hpp"
#include "cart/sql.hpp"

namespace doorbuster::cart {
namespace {

constexpr auto kInteger = sql::ColumnType::integer;
constexpr sql::BulkInsert::Column kColumns[] = {
    {"owner", sql::ColumnType::text},
    {"sku_id", kInteger},
    {"quantity", kInteger},
    {"selected", kInteger},
    {"price_seen", kInteger},
    {"added_at", kInteger},
    {"updated_at", kInteger}};
// 999 is CartService::kQuantityMax.
constexpr sql::BulkInsert kMergeLines{
    "cart.merge_lines",
    "cart_items",
    kColumns,
    "ON CONFLICT (owner, sku_id) DO UPDATE SET selected = excluded.selected, "
    "updated_at = excluded.updated_at, quantity = CASE "
    "WHEN cart_items.quantity + excluded.quantity > 999 THEN 999 "
    "ELSE cart_items.quantity + excluded.quantity END"};
static_assert(CartService::kQuantityMax == 999);

struct StoredLine {
    SkuId sku;
    std::int64_t quantity;
    std::int64_t selected;
    std::int64_t price_seen;
    Time added_at;
};

// Out of the cart, newest first.
std::vector<StoredLine> take_all(sql::Transaction& tx, const Owner& owner) {
    auto lines = tx.all(queries::take_all, {owner.key()}, [](const sql::Row& row) {
        return StoredLine{
            row.id<SkuId>(0), row.integer(1), row.integer(2), row.integer(3), row.time(4)};
    });
    std::sort(lines.begin(), lines.end(), [](const StoredLine& a, const StoredLine& b) {
        return std::pair{a.added_at, a.sku} > std::pair{b.added_at, b.sku};
    });
    return lines;
}

void put(sql::Transaction& tx, const Owner& owner, std::vector<StoredLine> lines, Time now) {
    // In order of SKU, so that two merges into one cart lock its rows in one order.
    std::sort(lines.begin(), lines.end(), [](const StoredLine& a, const StoredLine& b) {
        return a.sku < b.sku;
    });
    std::vector<sql::Param> rows;
    rows.reserve(lines.size() * std::size(kColumns));
    for (const StoredLine& line : lines) {
        rows.insert(
            rows.end(),
            {owner.key(),
             line.sku,
             line.quantity,
             line.selected,
             line.price_seen,
             line.added_at,
             now}
        );
    }
    if (!rows.empty()) tx.insert_many(kMergeLines, rows);
}

}  // namespace

void CartService::merge(sql::Transaction& tx, const Owner& guest, const Owner& user) const {
    const auto lines = take_all(tx, guest);
    if (lines.empty()) return;
    std::unordered_set<SkuId> present;
    tx.query(queries::list_skus, {user.key()}, [&](const sql::Row& row) {
        present.insert(row.id<SkuId>(0));
    });
    std::vector<StoredLine> moved;
    std::vector<StoredLine> kept;
    for (const StoredLine& line : lines) {
        const bool fits = present.contains(line.sku) || present.size() < kLinesMax;
        if (fits) present.insert(line.sku);
        (fits ? moved : kept).push_back(line);
    }
    const Time now = clock_.now();
    put(tx, user, std::move(moved), now);
    put(tx, guest, std::move(kept), now);
}

}  // namespace doorbuster::cart
