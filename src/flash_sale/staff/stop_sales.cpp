#include "flash_sale/model/sale_board.hpp"
#include "flash_sale/staff/promotion_service.hpp"

namespace doorbuster::flash_sale {

void PromotionService::set_stopped(sql::Transaction& tx, Actor staff, bool stopped) const {
    promotions::lock(tx);
    if (sales_stopped(tx) == stopped) return;
    promotions::set_stopped(tx, stopped);
    for (const auto& item : promotions::published_items(tx)) {
        write_opening(tx, item.id, {!stopped && !item.paused, item.epoch, item.window});
    }
    const auto* action = stopped ? "flash_sales.stopped" : "flash_sales.resumed";
    parts_.audit.append(tx, staff, action, "flash_sales", "");
}

}  // namespace doorbuster::flash_sale
