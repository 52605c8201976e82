#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/result.hpp"
#include "ports/sql.hpp"

namespace doorbuster::inventory {

struct StockLevel {
    std::int64_t available = 0;
    std::int64_t reserved = 0;
    std::int64_t sold = 0;
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
    explicit InventoryService(const Clock& clock) : clock_{clock} {}

    // Brings in new units (n > 0): a GRANT row. The SKU need not have stock yet.
    void grant(
        sql::Transaction& tx,
        SkuId sku,
        std::int64_t units,
        std::optional<UserId> actor,
        const std::string& note
    ) const;

    // Sets what is available now, by an ADJUST row for the difference (none when it is zero).
    // Errors: kStockBelowZero for a negative target.
    Result<void> set_available(
        sql::Transaction& tx,
        SkuId sku,
        std::int64_t target,
        std::optional<UserId> actor,
        const std::string& note
    ) const;
    // Adds or removes units. Errors: kStockBelowZero when more would go than are available.
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
    Result<void> reserve(sql::Transaction& tx, OrderNo order, std::span<const StockLine> lines)
        const;
    // Turns an order's held units into sold ones. Twice is a bug: the ledger's unique index throws.
    void confirm(sql::Transaction& tx, OrderNo order, std::span<const StockLine> lines) const;
    // Gives an order's held units back.
    void release(sql::Transaction& tx, OrderNo order, std::span<const StockLine> lines) const;

    std::unordered_map<SkuId, StockLevel> levels(sql::Reader& reader, std::span<const SkuId> skus)
        const;

private:
    const Clock& clock_;
};

}  // namespace doorbuster::inventory
