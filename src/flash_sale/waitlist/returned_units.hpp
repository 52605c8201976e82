#pragma once

#include <mutex>
#include <unordered_map>

#include "flash_sale/model/sale_board.hpp"
#include "inventory/inventory_service.hpp"

namespace doorbuster::flash_sale {

// How many units of an item unpaid orders have given back so far, up to kFresh old: the count reads
// the ledger, and a guess at somebody's chance need not be newer. Thread-safe.
class ReturnedUnits {
public:
    static constexpr Milliseconds kFresh{10'000};
    static constexpr std::size_t kItemsMax = 1'000;

    ReturnedUnits(const inventory::InventoryService& stock, const Clock& clock)
        : stock_{stock}, clock_{clock} {}

    std::int64_t of(sql::Reader& reader, const SaleItem& item);

private:
    struct Count {
        std::int64_t units = 0;
        std::chrono::steady_clock::time_point read_at;
    };

    const inventory::InventoryService& stock_;
    const Clock& clock_;
    std::mutex mutex_;
    std::unordered_map<PromotionItemId, Count> counts_;
};

}  // namespace doorbuster::flash_sale
