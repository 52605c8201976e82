#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/result.hpp"
#include "inventory/stock_observer.hpp"
#include "ports/sql.hpp"

namespace doorbuster::inventory {

struct StockLevel {
    std::int64_t available = 0;
    std::int64_t reserved = 0;
    std::int64_t sold = 0;
};

// A movement of units that a promotion item holds, for the ledger.
struct PromotedMovement {
    SkuId sku;
    PromotionItemId item;
    std::int64_t quantity = 0;
    OrderNo order;
};

// Units that change between a SKU's ordinary stock and a promotion item, who has them moved and
// why.
struct PromotedTransfer {
    SkuId sku;
    PromotionItemId item;
    std::int64_t units = 0;
    std::optional<UserId> actor = {};  // none: the server itself
    std::string note = {};
};

struct StockLine {
    SkuId sku;
    std::int64_t quantity = 0;
};

// Owns the units of every SKU and the ledger of their movements. All functions run inside a
// caller's transaction. Invariant after every commit: available, reserved and sold of a SKU equal
// the sums of its ledger rows, and none is negative. Stateless but for its clock, so one instance
// serves every thread.
class InventoryService {
public:
    // The most units one movement may bring or a SKU may be set to.
    static constexpr std::int64_t kUnitsMax = 1'000'000'000;

    explicit InventoryService(const Clock& clock) : clock_{clock} {}

    // Tells `observer` of every change from now on. Only at start-up, before other threads call;
    // the observer must outlive this.
    void add_observer(StockObserver& observer) { observers_.push_back(&observer); }

    // Brings in new units (0 to kUnitsMax, else std::invalid_argument): a GRANT row, none for zero.
    // The SKU need not have stock yet.
    void grant(
        sql::Transaction& tx,
        SkuId sku,
        std::int64_t units,
        std::optional<UserId> actor,
        const std::string& note
    ) const;

    // Sets what is available now, by an ADJUST row for the difference (none when it is zero).
    // Errors: kStockBelowZero for a negative target, kStockTooLarge above kUnitsMax.
    Result<void> set_available(
        sql::Transaction& tx,
        SkuId sku,
        std::int64_t target,
        std::optional<UserId> actor,
        const std::string& note
    ) const;
    // Adds or removes units. Errors: kStockBelowZero when more would go than are available,
    // kStockTooLarge when more than kUnitsMax would be available.
    Result<void> adjust(
        sql::Transaction& tx,
        SkuId sku,
        std::int64_t difference,
        std::optional<UserId> actor,
        const std::string& note
    ) const;

    // Holds all lines for an order, or none: the caller rolls back on error. Lines name different
    // SKUs; they are taken in order of SKU, so that two orders never wait for each other in a
    // circle. Errors: kOutOfStock with a detail for every SKU that lacks units.
    // Units that are lacking already when it looks are refused before anything is written.
    Result<void> reserve(sql::Transaction& tx, OrderNo order, std::span<const StockLine> lines)
        const;
    // The same for an order that is written only when its units are held: `write_order` does that
    // and returns the number. It is not called on error.
    Result<void> reserve(
        sql::Transaction& tx,
        std::span<const StockLine> lines,
        const std::function<OrderNo()>& write_order
    ) const;
    // Turns an order's held units into sold ones. Twice is a bug: the ledger's unique index throws.
    void confirm(sql::Transaction& tx, OrderNo order, std::span<const StockLine> lines) const;
    // Gives an order's held units back.
    void release(sql::Transaction& tx, OrderNo order, std::span<const StockLine> lines) const;

    // Takes units for an order that gave them back before and is paid after all: held and sold at
    // once. False, and nothing is changed: they are not left. Once per order.
    bool take_again(sql::Transaction& tx, OrderNo order, std::span<const StockLine> lines) const;
    // Sold units come back to the shelf: RETURN rows. How many of an order may come back is the
    // caller's to know.
    void take_returned(
        sql::Transaction& tx,
        OrderNo order,
        std::span<const StockLine> lines,
        std::optional<UserId> actor
    ) const;

    // Sets units apart for a promotion item: they are no longer ordinary stock. A pair of TRANSFER
    // rows. The item's own counter is its owner's to raise. Errors: kOutOfStock, nothing is
    // written.
    Result<void> set_apart(sql::Transaction& tx, const PromotedTransfer& transfer) const;
    // What a promotion item has left becomes ordinary stock again.
    void take_back(sql::Transaction& tx, const PromotedTransfer& transfer) const;
    // Units of a rehearsal come from nowhere (a GRANT row of the item) and go nowhere (ADJUST, for
    // negative units). The item's counter is its owner's to change.
    void adjust_promoted(sql::Transaction& tx, const PromotedTransfer& transfer) const;
    // Ledger rows of a promotion item's units; the counters are its owner's. `kind` is RESERVE,
    // CONFIRM or RELEASE, each once per order, as for ordinary units; or RETURN.
    void note_promoted(
        sql::Transaction& tx, std::string_view kind, std::span<const PromotedMovement> movements
    ) const;
    // The rows of an order that takes its units a second time, held and sold at once.
    void note_promoted_again(sql::Transaction& tx, const PromotedMovement& moved) const;
    // Units of a promotion item that unpaid orders gave back so far. Reads the ledger of the SKU:
    // not for every request.
    std::int64_t promoted_given_back(sql::Reader& reader, SkuId sku, PromotionItemId item) const;

    std::unordered_map<SkuId, StockLevel> levels(sql::Reader& reader, std::span<const SkuId> skus)
        const;

private:
    Result<void> hold(sql::Transaction& tx, std::span<const StockLine> lines) const;
    enum class Resolution { confirm, release };
    void resolve(
        sql::Transaction& tx, OrderNo order, std::span<const StockLine> lines, Resolution resolution
    ) const;
    Result<void> change_available(
        sql::Transaction& tx,
        SkuId sku,
        std::int64_t before,
        std::int64_t after,
        std::optional<UserId> actor,
        const std::string& note
    ) const;
    void note_movement(
        sql::Transaction& tx,
        SkuId sku,
        std::string_view kind,
        std::int64_t quantity,
        std::optional<UserId> actor,
        const std::string& note
    ) const;
    void note_movements(
        sql::Transaction& tx, OrderNo order, std::span<const StockLine> lines, std::string_view kind
    ) const;
    void note_transfer(sql::Transaction& tx, const PromotedTransfer& transfer, std::int64_t to_item)
        const;
    void tell(sql::Transaction& tx, std::span<const SkuId> skus) const;
    void tell_of(sql::Transaction& tx, std::span<const StockLine> lines) const;

    const Clock& clock_;
    std::vector<StockObserver*> observers_;
};

}  // namespace doorbuster::inventory
