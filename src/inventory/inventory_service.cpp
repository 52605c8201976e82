#include "inventory/inventory_service.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/assert.hpp"
#include "inventory/errors.hpp"
#include "inventory/sku_list.hpp"
#include "inventory/sql.hpp"

namespace doorbuster::inventory {
namespace {

constexpr auto kInteger = sql::ColumnType::integer;
constexpr auto kText = sql::ColumnType::text;

constexpr sql::BulkInsert::Column kMovementColumns[] = {
    {"sku_id", kInteger},
    {"kind", kText},
    {"quantity", kInteger},
    {"order_no", kInteger},
    {"at", kInteger},
    {"actor", kInteger},
    {"note", kText}};
constexpr sql::BulkInsert kInsertMovements{
    "inventory.insert_movements", "stock_ledger", kMovementColumns};

// The same with the promotion item whose units move.
constexpr sql::BulkInsert::Column kPromotedColumns[] = {
    {"sku_id", kInteger},
    {"kind", kText},
    {"quantity", kInteger},
    {"order_no", kInteger},
    {"at", kInteger},
    {"actor", kInteger},
    {"note", kText},
    {"promotion_item_id", kInteger}};
constexpr sql::BulkInsert kInsertPromoted{
    "inventory.insert_promoted_movements", "stock_ledger", kPromotedColumns};

// Of an order that takes its units a second time.
constexpr sql::BulkInsert::Column kAgainColumns[] = {
    {"sku_id", kInteger},
    {"kind", kText},
    {"quantity", kInteger},
    {"order_no", kInteger},
    {"at", kInteger},
    {"promotion_item_id", kInteger},
    {"hold_no", kInteger}};
constexpr sql::BulkInsert kInsertAgain{
    "inventory.insert_again_movements", "stock_ledger", kAgainColumns};
constexpr int kSecondHold = 1;

// Orders that share SKUs lock their rows in one order, so none waits for another in a circle.
std::vector<StockLine> sorted(std::span<const StockLine> lines) {
    std::vector<StockLine> copy{lines.begin(), lines.end()};
    const auto by_sku = [](const StockLine& a, const StockLine& b) { return a.sku < b.sku; };
    std::sort(copy.begin(), copy.end(), by_sku);
    return copy;
}

ErrorDetail lacking(SkuId sku, std::int64_t available) {
    return {"skus[" + sku.to_string() + "]", std::to_string(available) + " units are left"};
}

ErrorDetail lacking(sql::Transaction& tx, SkuId sku) {
    const auto available =
        tx.find(queries::find_available, {sku}, [](const sql::Row& row) { return row.integer(0); });
    return lacking(sku, available.value_or(0));
}

std::vector<SkuId> skus_of(std::span<const StockLine> lines) {
    std::vector<SkuId> skus;
    skus.reserve(lines.size());
    for (const StockLine& line : lines) skus.push_back(line.sku);
    return skus;
}

}  // namespace

void InventoryService::grant(
    sql::Transaction& tx,
    SkuId sku,
    std::int64_t units,
    std::optional<UserId> actor,
    const std::string& note
) const {
    if (units < 0 || units > kUnitsMax) throw std::invalid_argument{"grant: units out of range"};
    tx.execute(queries::grant_stock, {sku, units});
    if (units > 0) note_movement(tx, sku, "GRANT", units, actor, note);
    tell(tx, std::span{&sku, 1});
}

Result<void> InventoryService::set_available(
    sql::Transaction& tx,
    SkuId sku,
    std::int64_t target,
    std::optional<UserId> actor,
    const std::string& note
) const {
    const auto before =
        tx.find(queries::lock_stock, {sku}, [](const sql::Row& row) { return row.integer(0); });
    return change_available(tx, sku, before.value(), target, actor, note);
}

Result<void> InventoryService::adjust(
    sql::Transaction& tx,
    SkuId sku,
    std::int64_t difference,
    std::optional<UserId> actor,
    const std::string& note
) const {
    // Bounded before the sum, which could overflow.
    if (difference > kUnitsMax) return kStockTooLarge;
    if (difference < -kUnitsMax) return kStockBelowZero;
    const auto before =
        tx.find(queries::lock_stock, {sku}, [](const sql::Row& row) { return row.integer(0); });
    return change_available(tx, sku, before.value(), before.value() + difference, actor, note);
}

Result<void> InventoryService::change_available(
    sql::Transaction& tx,
    SkuId sku,
    std::int64_t before,
    std::int64_t after,
    std::optional<UserId> actor,
    const std::string& note
) const {
    if (after < 0) return kStockBelowZero;
    if (after > kUnitsMax && after > before) return kStockTooLarge;
    if (after == before) return {};
    tx.execute(queries::adjust_stock, {sku, after - before});
    note_movement(tx, sku, "ADJUST", after - before, actor, note);
    tell(tx, std::span{&sku, 1});
    return {};
}

Result<void> InventoryService::reserve(
    sql::Transaction& tx, OrderNo order, std::span<const StockLine> lines
) const {
    return reserve(tx, lines, [order] { return order; });
}

Result<void> InventoryService::reserve(
    sql::Transaction& tx,
    std::span<const StockLine> lines,
    const std::function<OrderNo()>& write_order
) const {
    const auto by_sku = sorted(lines);
    auto held = hold(tx, by_sku);
    if (held.has_error()) return held;
    const OrderNo order = write_order();
    note_movements(tx, order, by_sku, "RESERVE");
    tell_of(tx, by_sku);
    return {};
}

// The guarded UPDATE decides. One that takes nothing has written nothing, which several lines would
// have done before the last one fails; so these are looked at first.
Result<void> InventoryService::hold(sql::Transaction& tx, std::span<const StockLine> lines) const {
    std::vector<ErrorDetail> missing;
    if (lines.size() > 1) {
        auto found = levels(tx, skus_of(lines));
        for (const StockLine& line : lines) {
            const std::int64_t available = found[line.sku].available;
            if (available < line.quantity) missing.push_back(lacking(line.sku, available));
        }
        if (!missing.empty()) return Error{kOutOfStock, std::move(missing)};
    }
    for (const StockLine& line : lines) {
        DOORBUSTER_ASSERT(line.quantity > 0);
        const auto taken = tx.execute(queries::reserve_stock, {line.sku, line.quantity});
        if (taken == 0) missing.push_back(lacking(tx, line.sku));
    }
    if (!missing.empty()) return Error{kOutOfStock, std::move(missing)};
    return {};
}

void InventoryService::confirm(
    sql::Transaction& tx, OrderNo order, std::span<const StockLine> lines
) const {
    resolve(tx, order, lines, Resolution::confirm);
}

void InventoryService::release(
    sql::Transaction& tx, OrderNo order, std::span<const StockLine> lines
) const {
    resolve(tx, order, lines, Resolution::release);
}

void InventoryService::resolve(
    sql::Transaction& tx, OrderNo order, std::span<const StockLine> lines, Resolution resolution
) const {
    const bool confirms = resolution == Resolution::confirm;
    const auto by_sku = sorted(lines);
    // The ledger first: its unique index stops a second resolution before any column moves.
    note_movements(tx, order, by_sku, confirms ? "CONFIRM" : "RELEASE");
    for (const StockLine& line : by_sku) {
        const auto& statement = confirms ? queries::confirm_stock : queries::release_stock;
        const auto changed = tx.execute(statement, {line.sku, line.quantity});
        DOORBUSTER_ASSERT(changed == 1);  // a reserved SKU has a row of stock
    }
    tell_of(tx, by_sku);
}

// Nothing may stay written when one line fails: the caller goes on with its transaction.
bool InventoryService::take_again(
    sql::Transaction& tx, OrderNo order, std::span<const StockLine> lines
) const {
    const auto by_sku = sorted(lines);
    std::size_t taken = 0;
    for (const StockLine& line : by_sku) {
        if (tx.execute(queries::reserve_stock, {line.sku, line.quantity}) == 0) break;
        ++taken;
    }
    if (taken < by_sku.size()) {
        for (std::size_t i = 0; i < taken; ++i) {
            tx.execute(queries::release_stock, {by_sku[i].sku, by_sku[i].quantity});
        }
        return false;
    }
    for (const StockLine& line : by_sku) {
        tx.execute(queries::confirm_stock, {line.sku, line.quantity});
        const Time now = clock_.now();
        const sql::Param rows[] = {
            line.sku,
            "RESERVE",
            line.quantity,
            order,
            now,
            std::nullopt,
            kSecondHold,
            line.sku,
            "CONFIRM",
            line.quantity,
            order,
            now,
            std::nullopt,
            kSecondHold};
        tx.insert_many(kInsertAgain, rows);
    }
    tell_of(tx, by_sku);
    return true;
}

void InventoryService::take_returned(
    sql::Transaction& tx,
    OrderNo order,
    std::span<const StockLine> lines,
    std::optional<UserId> actor
) const {
    const auto by_sku = sorted(lines);
    for (const StockLine& line : by_sku) {
        DOORBUSTER_ASSERT(line.quantity > 0);
        const auto changed = tx.execute(queries::return_stock, {line.sku, line.quantity});
        DOORBUSTER_ASSERT(changed == 1);  // a sold SKU has a row of stock
        const sql::Param row[] = {
            line.sku, "RETURN", line.quantity, order, clock_.now(), actor, std::string_view{}};
        tx.insert_many(kInsertMovements, row);
    }
    tell_of(tx, by_sku);
}

void InventoryService::note_promoted_again(sql::Transaction& tx, const PromotedMovement& moved)
    const {
    const Time now = clock_.now();
    const sql::Param rows[] = {
        moved.sku,
        "RESERVE",
        moved.quantity,
        moved.order,
        now,
        moved.item,
        kSecondHold,
        moved.sku,
        "CONFIRM",
        moved.quantity,
        moved.order,
        now,
        moved.item,
        kSecondHold};
    tx.insert_many(kInsertAgain, rows);
}

void InventoryService::note_movement(
    sql::Transaction& tx,
    SkuId sku,
    std::string_view kind,
    std::int64_t quantity,
    std::optional<UserId> actor,
    const std::string& note
) const {
    const sql::Param row[] = {sku, kind, quantity, std::nullopt, clock_.now(), actor, note};
    tx.insert_many(kInsertMovements, row);
}

void InventoryService::note_movements(
    sql::Transaction& tx, OrderNo order, std::span<const StockLine> lines, std::string_view kind
) const {
    const Time now = clock_.now();
    std::vector<sql::Param> rows;
    rows.reserve(lines.size() * std::size(kMovementColumns));
    for (const StockLine& line : lines) {
        rows.insert(
            rows.end(),
            {line.sku, kind, line.quantity, order, now, std::nullopt, std::string_view{}}
        );
    }
    tx.insert_many(kInsertMovements, rows);
}

Result<void> InventoryService::set_apart(sql::Transaction& tx, const PromotedTransfer& transfer)
    const {
    DOORBUSTER_ASSERT(transfer.units > 0);
    if (tx.execute(queries::set_apart, {transfer.sku, transfer.units}) == 0) {
        return Error{kOutOfStock, std::vector{lacking(tx, transfer.sku)}};
    }
    note_transfer(tx, transfer, transfer.units);
    return {};
}

void InventoryService::take_back(sql::Transaction& tx, const PromotedTransfer& transfer) const {
    DOORBUSTER_ASSERT(transfer.units > 0);
    const auto changed = tx.execute(queries::adjust_stock, {transfer.sku, transfer.units});
    DOORBUSTER_ASSERT(changed == 1);  // what was set apart came from a row of stock
    note_transfer(tx, transfer, -transfer.units);
}

void InventoryService::note_transfer(
    sql::Transaction& tx, const PromotedTransfer& transfer, std::int64_t to_item
) const {
    const auto& [sku, item, units, actor, note] = transfer;
    const Time now = clock_.now();
    const sql::Param rows[] = {
        sku,
        "TRANSFER",
        -to_item,
        std::nullopt,
        now,
        actor,
        note,
        std::nullopt,
        sku,
        "TRANSFER",
        to_item,
        std::nullopt,
        now,
        actor,
        note,
        item};
    tx.insert_many(kInsertPromoted, rows);
    tell(tx, std::span{&sku, 1});
}

void InventoryService::adjust_promoted(sql::Transaction& tx, const PromotedTransfer& transfer)
    const {
    const auto& [sku, item, units, actor, note] = transfer;
    DOORBUSTER_ASSERT(units != 0);
    const std::string_view kind = units > 0 ? "GRANT" : "ADJUST";
    const sql::Param row[] = {sku, kind, units, std::nullopt, clock_.now(), actor, note, item};
    tx.insert_many(kInsertPromoted, row);
}

void InventoryService::note_promoted(
    sql::Transaction& tx, std::string_view kind, std::span<const PromotedMovement> movements
) const {
    const Time now = clock_.now();
    std::vector<sql::Param> rows;
    rows.reserve(movements.size() * std::size(kPromotedColumns));
    for (const PromotedMovement& moved : movements) {
        rows.insert(
            rows.end(),
            {moved.sku,
             kind,
             moved.quantity,
             moved.order,
             now,
             std::nullopt,
             std::string_view{},
             moved.item}
        );
    }
    tx.insert_many(kInsertPromoted, rows);
}

void InventoryService::tell(sql::Transaction& tx, std::span<const SkuId> skus) const {
    for (StockObserver* observer : observers_) observer->stock_changed(tx, skus);
}

void InventoryService::tell_of(sql::Transaction& tx, std::span<const StockLine> lines) const {
    if (!observers_.empty()) tell(tx, skus_of(lines));
}

std::int64_t InventoryService::promoted_given_back(
    sql::Reader& reader, SkuId sku, PromotionItemId item
) const {
    const auto units = [](const sql::Row& row) { return row.integer(0); };
    return reader.find(queries::sum_given_back, {sku, item}, units).value_or(0);
}

std::unordered_map<SkuId, StockLevel> InventoryService::levels(
    sql::Reader& reader, std::span<const SkuId> skus
) const {
    std::unordered_map<SkuId, StockLevel> levels;
    if (skus.empty()) return levels;
    const std::string list = json_list(skus);
    reader.query(queries::find_levels, {list}, [&](const sql::Row& row) {
        levels.emplace(
            row.id<SkuId>(0), StockLevel{row.integer(1), row.integer(2), row.integer(3)}
        );
    });
    return levels;
}

}  // namespace doorbuster::inventory
