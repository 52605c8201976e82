#pragma once

#include "ports/sql.hpp"
#include "ports/stock_gate.hpp"

namespace doorbuster::flash_sale {

// The gate learns of an item's new counters as soon as they are committed, before anyone else does.
inline void tell_gate(
    sql::Transaction& tx, StockGate& gate, PromotionItemId item, const StockView& view
) {
    tx.after_commit([&gate, item, view] { gate.apply(item, view); });
}

}  // namespace doorbuster::flash_sale
