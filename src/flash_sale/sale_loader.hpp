#pragma once

#include "flash_sale/sale_board.hpp"
#include "flash_sale/sale_clock.hpp"
#include "flash_sale/seen_keys.hpp"
#include "ports/database.hpp"
#include "ports/stock_gate.hpp"

namespace doorbuster::flash_sale {

// Keeps board, gate and seen keys in step with the database: all of it at start, then what has
// changed. Thread-safe.
class SaleLoader {
public:
    SaleLoader(
        sql::Database& database,
        SaleBoard& board,
        StockGate& gate,
        SeenKeys& seen,
        const Clock& clock,
        std::int64_t door_factor
    );

    // After every change of promotions here, and now and then for changes by other processes and
    // for what the gate may have missed. Items that are new here get their holders and keys first.
    Task<void> reload();
    // The same for threads that may block.
    void reload_blocking();

private:
    struct Loaded {
        std::shared_ptr<const SaleItem> item;
        StockView view;
        bool is_new = false;
        StockGate::Holders holders;
        std::vector<std::string> keys;
    };
    struct State {
        std::shared_ptr<const SaleBoard::Snapshot> snapshot;
        std::vector<Loaded> items;
    };
    State read(sql::Reader& reader) const;
    void apply(State state);

    sql::Database& database_;
    SaleBoard& board_;
    StockGate& gate_;
    SeenKeys& seen_;
    const Clock& clock_;
    const std::int64_t door_factor_;
};

}  // namespace doorbuster::flash_sale
