#pragma once

#include "flash_sale/entrance.hpp"
#include "flash_sale/order_desk.hpp"
#include "flash_sale/returned_units.hpp"
#include "flash_sale/waitlist.hpp"
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
