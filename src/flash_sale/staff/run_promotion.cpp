#include <algorithm>

#include "core/planted.hpp"
#include "flash_sale/model/errors.hpp"
#include "flash_sale/model/gate_notice.hpp"
#include "flash_sale/model/sale_board.hpp"
#include "flash_sale/model/stock_store.hpp"
#include "flash_sale/staff/promotion_service.hpp"

namespace doorbuster::flash_sale {

Result<Promotion> PromotionService::get_running(sql::Reader& reader, PromotionId id) const {
    auto promotion = get(reader, id);
    if (promotion.has_error()) return promotion;
    if (promotion->state == PromotionState::draft) return kNotPublished;
    if (promotion->state == PromotionState::ended) return kPromotionEnded;
    if (promotion->window.ends_at <= parts_.sale_clock.now()) return kPromotionEnded;
    return promotion;
}

// Items are loaded by id: the order in which batches of orders lock these rows.
void PromotionService::write_openings(sql::Transaction& tx, const Promotion& promotion) const {
    const bool open =
        promotion.state == PromotionState::published && !promotion.paused && !sales_stopped(tx);
    const stock::Opening opening{open, promotion.epoch, promotion.window};
    for (const PromotionItem& item : promotion.items) write_opening(tx, item.id, opening);
}

// What came back while the item was closed was offered to nobody; who waits gets it now.
void PromotionService::write_opening(
    sql::Transaction& tx, PromotionItemId item, const stock::Opening& opening
) const {
    StockView view = stock::put(tx, item, opening);
    view = parts_.waitlist.offer_free(tx, item, view);
    tell_gate(tx, parts_.gate, item, view);
}

Result<Promotion> PromotionService::pause(sql::Transaction& tx, Actor staff, PromotionId id) const {
    return set_paused(tx, staff, id, true);
}

Result<Promotion> PromotionService::resume(sql::Transaction& tx, Actor staff, PromotionId id)
    const {
    return set_paused(tx, staff, id, false);
}

Result<Promotion> PromotionService::set_paused(
    sql::Transaction& tx, Actor staff, PromotionId id, bool paused
) const {
    promotions::lock(tx);
    auto promotion = get_running(tx, id);
    if (promotion.has_error() || promotion->paused == paused) return promotion;
    promotion->paused = paused;
    promotions::save(tx, *promotion);
    write_openings(tx, *promotion);
    note(tx, staff, paused ? "promotion.paused" : "promotion.resumed", id, promotion->name);
    return promotion;
}

Result<Promotion> PromotionService::move_end(
    sql::Transaction& tx, Actor staff, PromotionId id, Time ends_at
) const {
    promotions::lock(tx);
    auto promotion = get_running(tx, id);
    if (promotion.has_error() || promotion->window.ends_at == ends_at) return promotion;
    const Window window{promotion->window.starts_at, ends_at};
    if (ends_at <= window.starts_at || ends_at <= parts_.sale_clock.now()) {
        return Error{kWindowOver, "ends_at", "must be in the future and after the start"};
    }
    const auto free = check_overlaps(tx, *promotion, window);
    if (free.has_error()) return free.error();
    promotion->window = window;
    ++promotion->epoch;
    promotions::save(tx, *promotion);
    write_openings(tx, *promotion);
    note(tx, staff, "promotion.end_moved", id, to_rfc3339(ends_at));
    return promotion;
}

Result<StockView> PromotionService::add_units(
    sql::Transaction& tx, Actor staff, PromotionId id, PromotionItemId item, std::int64_t units
) const {
    promotions::lock(tx);
    const auto promotion = get_running(tx, id);
    if (promotion.has_error()) return promotion.error();
    const auto& items = promotion->items;
    const auto is_it = [&](const PromotionItem& one) { return one.id == item; };
    const auto found = std::find_if(items.begin(), items.end(), is_it);
    if (found == items.end()) return kItemNotFound;
    // The item's row first, then ordinary stock: the order of every end of a sale.
    const auto before = stock::lock(tx, item);
    if (units < 1 || units > ItemTerms::kAllotmentMax - before.value().granted()) {
        return kTooManyUnits;
    }
    const auto brought = bring_units(tx, staff, *promotion, *found, units);
    if (brought.has_error()) return brought.error();
    const StockView view = parts_.waitlist.offer_free(tx, item, stock::add(tx, item, units));
    tell_gate(tx, parts_.gate, item, view);
    const std::string detail = std::to_string(units) + " units for item " + item.to_string();
    note(tx, staff, "promotion.units_added", id, detail);
    return view;
}

Result<Promotion> PromotionService::end(sql::Transaction& tx, Actor staff, PromotionId id) const {
    promotions::lock(tx);
    auto promotion = get(tx, id);
    if (promotion.has_error() || promotion->state == PromotionState::ended) return promotion;
    if (promotion->state == PromotionState::draft) return kNotPublished;
    close(tx, staff, *promotion, "now");
    return promotion;
}

bool PromotionService::end_if_over(sql::Transaction& tx, PromotionId id, Time now) const {
    promotions::lock(tx);
    auto promotion = promotions::find(tx, id);
    if (!promotion || promotion->state != PromotionState::published) return false;
    if (promotion->window.ends_at > now) return false;
    close(tx, std::nullopt, *promotion, "by the clock");
    return true;
}

void PromotionService::close(
    sql::Transaction& tx, Actor actor, Promotion& promotion, std::string_view why
) const {
    promotion.state = PromotionState::ended;
    promotion.ended_at = parts_.clock.now();
    promotions::save(tx, promotion);
    write_openings(tx, promotion);  // and so every row is locked, in the order of items

    struct Left {
        const PromotionItem* item;
        std::int64_t units;
    };
    std::vector<Left> left;
    for (const PromotionItem& item : promotion.items) {
        const StockView view = stock::find(tx, item.id).value();
        const StockView closed = parts_.waitlist.close(tx, item.id, view);
        tell_gate(tx, parts_.gate, item.id, closed);
        const bool some_left = closed.available > 0 && !planted(Bug::units_not_returned_at_end);
        if (some_left) left.push_back({&item, closed.available});
    }
    std::sort(left.begin(), left.end(), [](const Left& a, const Left& b) {
        return a.item->terms.sku < b.item->terms.sku;
    });
    for (const auto& [item, units] : left) {
        take_units_back(tx, actor, promotion, *item, units);
        tell_gate(tx, parts_.gate, item->id, stock::add(tx, item->id, -units));
    }
    note(tx, actor, "promotion.ended", promotion.id, why);
}

}  // namespace doorbuster::flash_sale
