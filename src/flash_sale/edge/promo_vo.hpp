#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>

#include "catalog/model/promotion_lookup.hpp"
#include "flash_sale/model/sale_board.hpp"
#include "flash_sale/model/sale_clock.hpp"
#include "ports/stock_gate.hpp"

namespace doorbuster::flash_sale {

// A promotion item as shoppers see it at one moment.
struct PromoVo {
    std::shared_ptr<const SaleItem> item;
    Phase status = Phase::upcoming;
    bool paused = false;    // by staff, or all sales are stopped
    bool sold_out = false;  // no unit can be had now; some may come back
    StockBand stock_band = StockBand::none;
    Time server_time;
};
boost::json::object to_json(const PromoVo& vo);

// Looks at items at the moment of asking: the board for their terms, the clock for their status,
// the gate for what is left. Nothing of it is kept. Thread-safe, never waits.
class PromoViews final : public catalog::PromotionLookup {
public:
    PromoViews(const SaleBoard& board, const StockGate& gate, const SaleClock& clock)
        : board_{board}, gate_{gate}, clock_{clock} {}

    PromoVo of(const std::shared_ptr<const SaleItem>& item) const;

    // {"server_time", "items": […]} with what is on or coming for the product, by start; one
    // product may have several SKUs on sale. "null" when there is nothing.
    std::string promotion_json(ProductId product) const override;

    // Live and coming promotions with their items, by start, one page of them; shadows left out.
    // {list, total, page, page_size, server_time} as JSON text.
    std::string list_json(std::int64_t page, std::int64_t page_size) const;

private:
    PromoVo view(const std::shared_ptr<const SaleItem>& item, bool stopped, Time now) const;
    boost::json::object sale_json(const Sale& sale, bool stopped, Time now) const;

    const SaleBoard& board_;
    const StockGate& gate_;
    const SaleClock& clock_;
};

}  // namespace doorbuster::flash_sale
