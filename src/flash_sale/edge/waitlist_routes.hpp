#pragma once

#include "flash_sale/edge/entrance.hpp"
#include "flash_sale/engine/order_desk.hpp"
#include "flash_sale/waitlist/returned_units.hpp"
#include "flash_sale/waitlist/waitlist.hpp"
#include "http/route.hpp"
#include "ports/database.hpp"

namespace doorbuster::flash_sale {

struct WaitlistRoutesDeps {
    const Entrance& entrance;
    sql::Database& database;
    const Waitlist& waitlist;
    const SaleBoard& board;
    StockGate& gate;
    OrderDesk& desk;
    ReturnedUnits& returned;
    const SaleClock& sale_clock;
};

// `/api/v1/flash-sales/{item}/waitlist…`, for signed-in shoppers: join, see one's place and an
// honest chance, leave, and claim the unit that is offered. `deps` must outlive the routes.
http::Routes waitlist_routes(WaitlistRoutesDeps& deps);

}  // namespace doorbuster::flash_sale
