#include "flash_sale/promotion_service.hpp"

namespace doorbuster::flash_sale {

void PromotionService::set_stopped(sql::Transaction& tx, Actor staff, bool stopped) const {
    promotions::lock(tx);
    if (promotions::stopped(tx) == stopped) return;
    promotions::set_stopped(tx, stopped);
    for (const auto& item : promotions::published_items(tx)) {
        write_opening(tx, item.id, {!stopped && !item.paused, item.epoch, item.window});
    }
    const auto* action = stopped ? "flash_sales.stopped" : "flash_sales.resumed";
    parts_.audit.append(tx, staff, action, "flash_sales", "");
}

}  // namespace doorbuster::flash_sale
