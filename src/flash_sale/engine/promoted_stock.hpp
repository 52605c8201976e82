#pragma once

#include "flash_sale/model/sale_board.hpp"
#include "flash_sale/waitlist/waitlist.hpp"
#include "inventory/inventory_service.hpp"
#include "orders/promoted_units.hpp"

namespace doorbuster::flash_sale {

// What becomes of a promotion's units when their order is paid or closed, in that order's
// transaction: counters, ledger, the buyer's claim, and the waitlist; the gate after the commit.
// Units that come back after the promotion has ended become ordinary stock. Thread-safe.
class PromotedStock final : public orders::PromotedUnits {
public:
    PromotedStock(
        const inventory::InventoryService& stock, const Waitlist& waitlist, StockGate& gate
    )
        : stock_{stock}, waitlist_{waitlist}, gate_{gate} {}

    void confirm(sql::Transaction& tx, const orders::PromotedLine& line) override;
    void release(sql::Transaction& tx, const orders::PromotedLine& line) override;
    bool take_again(sql::Transaction& tx, const orders::PromotedLine& line) override;
    void take_returned(sql::Transaction& tx, const orders::PromotedLine& line) override;

private:
    StockView shelve(
        sql::Transaction& tx, const orders::PromotedLine& line, StockView view, std::string_view why
    );

    const inventory::InventoryService& stock_;
    const Waitlist& waitlist_;
    StockGate& gate_;
};

}  // namespace doorbuster::flash_sale
