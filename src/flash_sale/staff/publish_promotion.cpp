#include <algorithm>

#include "flash_sale/model/errors.hpp"
#include "flash_sale/model/gate_notice.hpp"
#include "flash_sale/model/stock_store.hpp"
#include "flash_sale/staff/promotion_service.hpp"
#include "inventory/errors.hpp"

namespace doorbuster::flash_sale {
namespace {

std::string note_of(const Promotion& promotion) { return "promotion " + promotion.id.to_string(); }

}  // namespace

Result<Promotion> PromotionService::publish(sql::Transaction& tx, Actor staff, PromotionId id)
    const {
    promotions::lock(tx);
    auto promotion = get(tx, id);
    if (promotion.has_error() || promotion->state == PromotionState::published) return promotion;
    if (promotion->state == PromotionState::ended) return kPromotionEnded;
    if (promotion->items.empty()) return kNoItems;
    if (promotion->window.ends_at <= parts_.sale_clock.now()) return kWindowOver;
    if (promotions::count(tx, PromotionState::published) >= kPublishedMax) {
        return kTooManyPublished;
    }
    const auto priced = check_prices(tx, edited(*promotion, {}));
    if (priced.has_error()) return priced.error();
    const auto free = check_overlaps(tx, *promotion, promotion->window);
    if (free.has_error()) return free.error();
    const auto apart = set_all_apart(tx, staff, *promotion);
    if (apart.has_error()) return apart.error();

    promotion->state = PromotionState::published;
    promotion->epoch = 1;
    promotion->published_at = parts_.clock.now();
    promotions::save(tx, *promotion);
    write_openings(tx, *promotion);
    for (const PromotionItem& item : promotion->items) {
        const StockView view = stock::add(tx, item.id, item.terms.allotment);
        tell_gate(tx, parts_.gate, item.id, view);
    }
    note(tx, staff, "promotion.published", id, promotion->name);
    return promotion;
}

// In the order of SKUs, as orders reserve them; so none waits for another in a circle.
Result<void> PromotionService::set_all_apart(
    sql::Transaction& tx, Actor staff, const Promotion& promotion
) const {
    std::vector<PromotionItem> items = promotion.items;
    std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) {
        return a.terms.sku < b.terms.sku;
    });
    std::vector<ErrorDetail> lacking;
    for (const PromotionItem& item : items) {
        const auto brought = bring_units(tx, staff, promotion, item, item.terms.allotment);
        if (brought.has_value()) continue;
        const auto& details = brought.error().details();
        lacking.insert(lacking.end(), details.begin(), details.end());
    }
    if (!lacking.empty()) return Error{inventory::kOutOfStock, std::move(lacking)};
    return {};
}

Result<void> PromotionService::bring_units(
    sql::Transaction& tx,
    Actor staff,
    const Promotion& promotion,
    const PromotionItem& item,
    std::int64_t units
) const {
    const SkuId sku = item.terms.sku;
    if (!promotion.shadow) {
        return parts_.stock.set_apart(tx, {sku, item.id, units, staff, note_of(promotion)});
    }
    parts_.stock.adjust_promoted(tx, {sku, item.id, units, std::nullopt, note_of(promotion)});
    return {};
}

void PromotionService::take_units_back(
    sql::Transaction& tx,
    Actor actor,
    const Promotion& promotion,
    const PromotionItem& item,
    std::int64_t units
) const {
    const SkuId sku = item.terms.sku;
    if (promotion.shadow) {
        parts_.stock.adjust_promoted(tx, {sku, item.id, -units, std::nullopt, note_of(promotion)});
    } else {
        parts_.stock.take_back(tx, {sku, item.id, units, actor, note_of(promotion)});
    }
}

}  // namespace doorbuster::flash_sale
