#pragma once

#include <span>

#include "core/ids.hpp"
#include "ports/sql.hpp"

namespace doorbuster::inventory {

// Told of every change of what can be bought of a SKU, inside the transaction that changes it, by
// whatever path it changes. For those who keep something made from stock: register the dropping of
// it with tx.after_commit. `skus` lives for the call only. Must be quick; called on any database
// thread.
class StockObserver {
public:
    virtual ~StockObserver() = default;
    virtual void stock_changed(sql::Transaction& tx, std::span<const SkuId> skus) = 0;
};

}  // namespace doorbuster::inventory
