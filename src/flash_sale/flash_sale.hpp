#pragma once

#include "flash_sale/engine/order_desk.hpp"
#include "flash_sale/engine/promoted_stock.hpp"
#include "flash_sale/engine/rehearsal_buyers.hpp"
#include "flash_sale/engine/sale_loader.hpp"
#include "flash_sale/engine/sale_meter.hpp"
#include "flash_sale/model/clock_watch.hpp"
#include "flash_sale/staff/promotion_jobs.hpp"
#include "flash_sale/staff/promotion_service.hpp"

namespace doorbuster::flash_sale {

struct FlashSaleSettings {
    Milliseconds unpaid_ttl = std::chrono::minutes{5};
    std::int64_t door_factor = 5;
    BatchCommitter::Options batches;
    Waitlist::Settings waitlist;
};

// The parts of the flash sale, put together.
struct FlashSale {
    // What it stands on; all must outlive it.
    struct Ground {
        sql::Database& database;
        const Clock& clock;
        StockGate& gate;
        const inventory::InventoryService& stock;
        const shipping::AddressService& addresses;
        const orders::OrderService& orders;
        metrics::Registry* metrics = nullptr;  // none when null
    };
    FlashSale(const Ground& ground, const FlashSaleSettings& with)
        : settings{with},
          gate{ground.gate},
          sale_clock{ground.clock},
          clock_watch{sale_clock, ground.metrics},
          meter{ground.clock, ground.metrics},
          waitlist{ground.gate, ground.clock, with.waitlist},
          rehearsal_buyers{ground.database},
          promoted{ground.stock, waitlist, ground.gate},
          loader{ground.database, board, ground.gate, seen, ground.clock, with.door_factor},
          audit{ground.clock},
          promotions{{ground.stock, waitlist, ground.gate, audit, sale_clock, ground.clock}},
          promotion_jobs{ground.database, promotions, loader, sale_clock},
          writer{
              {ground.orders,
               ground.stock,
               ground.addresses,
               waitlist,
               ground.gate,
               sale_clock,
               ground.clock},
              with.unpaid_ttl},
          committer{ground.database, writer, ground.clock, with.batches},
          desk{board, ground.gate, seen, committer, sale_clock} {}

    const FlashSaleSettings settings;
    StockGate& gate;
    SaleClock sale_clock;
    ClockWatch clock_watch;
    SaleBoard board;
    SeenKeys seen;
    SaleMeter meter;
    Waitlist waitlist;
    RehearsalBuyers rehearsal_buyers;
    PromotedStock promoted;
    SaleLoader loader;
    events::AuditLog audit;
    PromotionService promotions;
    PromotionJobs promotion_jobs;
    OrderWriter writer;
    BatchCommitter committer;
    OrderDesk desk;
};

}  // namespace doorbuster::flash_sale
