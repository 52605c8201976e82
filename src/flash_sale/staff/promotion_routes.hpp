#pragma once

#include "flash_sale/engine/sale_loader.hpp"
#include "flash_sale/engine/sale_meter.hpp"
#include "flash_sale/staff/promotion_service.hpp"
#include "http/route.hpp"
#include "ports/database.hpp"
#include "ports/stock_gate.hpp"

namespace doorbuster::flash_sale {

struct PromotionRoutesDeps {
    sql::Database& database;
    const PromotionService& promotions;
    SaleLoader& loader;  // told of every change before it is answered
    const StockGate& gate;
    const SaleMeter& meter;
    const SaleClock& sale_clock;
    const Clock& clock;
};

// `/api/admin/v1/promotions…` and the kill switch, `/api/admin/v1/flash-sales/switch`, for staff
// with the right `marketing`. `deps` must outlive the routes.
http::Routes staff_promotion_routes(PromotionRoutesDeps& deps);

}  // namespace doorbuster::flash_sale
