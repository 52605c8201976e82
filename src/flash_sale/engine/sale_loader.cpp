#include "flash_sale/engine/sale_loader.hpp"

#include "core/planted.hpp"
#include "flash_sale/model/claim_store.hpp"
#include "flash_sale/model/stock_store.hpp"

namespace doorbuster::flash_sale {

SaleLoader::SaleLoader(
    sql::Database& database,
    SaleBoard& board,
    StockGate& gate,
    SeenKeys& seen,
    const Clock& clock,
    std::int64_t door_factor
)
    : database_{database},
      board_{board},
      gate_{gate},
      seen_{seen},
      clock_{clock},
      door_factor_{door_factor} {}

SaleLoader::State SaleLoader::read(sql::Reader& reader, std::uint64_t turn) const {
    const bool all_holders = clock_.steady() >= holders_due_.load();
    State state{turn, all_holders, SaleBoard::read(reader, clock_.now()), {}};
    for (const auto& [id, item] : state.snapshot->items) {
        state.items.push_back(load(reader, item, all_holders));
    }
    return state;
}

SaleLoader::Loaded SaleLoader::load(
    sql::Reader& reader, const std::shared_ptr<const SaleItem>& item, bool with_holders
) const {
    Loaded loaded{item, std::nullopt, board_.find(item->id) == nullptr, std::nullopt, {}};
    if (!item->ended) loaded.view = stock::find(reader, item->id);
    const bool holders = loaded.view && (loaded.is_new || with_holders);
    if (holders) loaded.holders = claims::holders(reader, item->id);
    if (!loaded.is_new || planted(Bug::retry_unknown_after_restart)) return loaded;
    // Of one that has ended too: a late retry must still find its order.
    claims::each_key(reader, item->id, [&](std::string_view key) {
        loaded.keys.emplace_back(key);
    });
    return loaded;
}

// Keys before the gate, and the gate before the board: who finds an item on the board finds it
// whole.
void SaleLoader::apply(State state) {
    const std::lock_guard lock{mutex_};
    if (state.turn <= applied_) return;
    applied_ = state.turn;
    if (state.all_holders) holders_due_ = clock_.steady() + kHoldersEvery;
    for (const Loaded& loaded : state.items) apply(loaded);
    const auto before = board_.snapshot();
    for (const auto& [id, item] : before->items) {
        const auto now = state.snapshot->items.find(id);
        const bool gone = now == state.snapshot->items.end() || now->second->ended;
        if (gone && !item->ended) gate_.forget(id);
    }
    board_.replace(std::move(state.snapshot));
}

void SaleLoader::apply(const Loaded& loaded) {
    const PromotionItemId id = loaded.item->id;
    for (const std::string& key : loaded.keys) seen_.add(id, key);
    if (!loaded.view) return;
    if (!loaded.is_new && planted(Bug::gate_not_reconciled)) return;
    if (loaded.holders) {
        const StockGate::Limits limits{loaded.item->terms.per_user_max, door_factor_};
        gate_.load(id, limits, *loaded.view, *loaded.holders);
    } else {
        gate_.apply(id, *loaded.view);
    }
}

Task<void> SaleLoader::reload() {
    const std::uint64_t turn = ++turns_;
    const auto read_in = [this, turn](sql::Reader& reader) { return read(reader, turn); };
    State state = co_await database_.read(read_in, {.urgent = true});
    apply(std::move(state));
}

void SaleLoader::reload_blocking() {
    const std::uint64_t turn = ++turns_;
    apply(database_.read_blocking([this, turn](sql::Reader& reader) { return read(reader, turn); })
    );
}

}  // namespace doorbuster::flash_sale
