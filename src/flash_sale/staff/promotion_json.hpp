#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <vector>

#include "flash_sale/engine/sale_meter.hpp"
#include "flash_sale/model/promotion.hpp"
#include "flash_sale/staff/promotion_store.hpp"
#include "ports/stock_gate.hpp"

// Promotions as staff see them.
namespace doorbuster::flash_sale {

// `now` by SaleClock tells the phase.
boost::json::object to_json(const Promotion& promotion, Time now);

// An item in the live view: what the database holds, what this process's gate has under way, and
// how its requests fare.
struct ItemLive {
    promotions::ItemCounts counts;
    StockGate::Counts gate;
    SaleMeter::Rates rates;
    Money price;
    std::optional<Money> ordinary_price;  // of this moment; none: the catalog has lost the SKU
};
boost::json::object to_json(const ItemLive& item);
// The counters alone.
boost::json::object to_json(const StockView& view);

}  // namespace doorbuster::flash_sale
