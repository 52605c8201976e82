#pragma once

#include "flash_sale/edge/item_events.hpp"
#include "flash_sale/edge/waitlist_routes.hpp"
#include "flash_sale/flash_sale.hpp"
#include "flash_sale/shoppers.hpp"
#include "flash_sale/waitlist/waitlist_job.hpp"

namespace doorbuster::flash_sale {

// What shoppers do while they wait, put together: the line, and the events of an item.
struct Waiting {
    // All must outlive it.
    Waiting(
        FlashSale& sale,
        const Shoppers& shoppers,
        sql::Database& database,
        const inventory::InventoryService& stock,
        const Clock& clock
    )
        : returned{stock, clock},
          events{{database, sale.board, shoppers.views, sale.gate, sale.waitlist, clock}},
          job{database, sale.waitlist},
          waitlist_deps_{
              shoppers.entrance,
              database,
              sale.waitlist,
              sale.board,
              sale.gate,
              sale.desk,
              returned,
              sale.sale_clock},
          events_deps_{sale.board, events} {}

    http::Routes routes() {
        return http::joined({waitlist_routes(waitlist_deps_), item_events_routes(events_deps_)});
    }

    ReturnedUnits returned;
    ItemEvents events;
    WaitlistJob job;

private:
    WaitlistRoutesDeps waitlist_deps_;
    ItemEventsRoutesDeps events_deps_;
};

}  // namespace doorbuster::flash_sale
