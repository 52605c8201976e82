#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "flash_sale/engine/seen_keys.hpp"
#include "flash_sale/model/sale_board.hpp"
#include "flash_sale/model/sale_clock.hpp"
#include "ports/database.hpp"
#include "ports/stock_gate.hpp"

namespace doorbuster::flash_sale {

// Keeps board, gate and seen keys in step with the database: all of it at start, then what has
// changed. Thread-safe.
class SaleLoader {
public:
    // How often all holders are taken anew: the gate is never told of what a commit with an unknown
    // outcome gave back.
    static constexpr Milliseconds kHoldersEvery = std::chrono::minutes{1};

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
        std::optional<StockView> view;  // of one that has not ended
        bool is_new = false;
        std::optional<StockGate::Holders> holders;
        std::vector<std::string> keys;
    };
    struct State {
        std::uint64_t turn = 0;
        bool all_holders = false;
        std::shared_ptr<const SaleBoard::Snapshot> snapshot;
        std::vector<Loaded> items;
    };
    Loaded load(sql::Reader& reader, const std::shared_ptr<const SaleItem>& item, bool with_holders)
        const;
    State read(sql::Reader& reader, std::uint64_t turn) const;
    void apply(State state);
    void apply(const Loaded& loaded);

    sql::Database& database_;
    SaleBoard& board_;
    StockGate& gate_;
    SeenKeys& seen_;
    const Clock& clock_;
    const std::int64_t door_factor_;
    std::atomic<std::uint64_t> turns_ = 0;
    std::atomic<std::chrono::steady_clock::time_point> holders_due_;
    std::mutex mutex_;
    std::uint64_t applied_ = 0;  // what began to read before this is older than what is known
};

}  // namespace doorbuster::flash_sale
