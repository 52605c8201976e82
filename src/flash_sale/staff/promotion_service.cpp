#include "flash_sale/staff/promotion_service.hpp"

#include "catalog/model/errors.hpp"
#include "catalog/store/offer_lookup.hpp"
#include "flash_sale/model/errors.hpp"

// Drafts, and what all of the service shares. Publishing is in publish_promotion.cpp, what is done
// to published promotions in run_promotion.cpp, the kill switch in stop_sales.cpp.
namespace doorbuster::flash_sale {
namespace {

std::string summary(const Promotion& promotion) {
    return promotion.name + ", " + to_rfc3339(promotion.window.starts_at) + " to " +
           to_rfc3339(promotion.window.ends_at) + ", " + std::to_string(promotion.items.size()) +
           " items" + (promotion.shadow ? ", a rehearsal" : "");
}

}  // namespace

void PromotionService::note(
    sql::Transaction& tx,
    Actor actor,
    std::string_view action,
    PromotionId id,
    std::string_view detail
) const {
    parts_.audit.append(tx, actor, action, "promotion:" + id.to_string(), detail);
}

Result<Promotion> PromotionService::get(sql::Reader& reader, PromotionId id) const {
    auto promotion = promotions::find(reader, id);
    if (!promotion) return kPromotionNotFound;
    return *std::move(promotion);
}

Result<std::vector<promotions::NewItem>> PromotionService::look_up(
    sql::Reader& reader, const PromotionDraft& draft
) const {
    std::vector<SkuId> skus;
    for (const ItemTerms& terms : draft.items) skus.push_back(terms.sku);
    const auto offers = catalog::find_offers(reader, skus);
    std::vector<promotions::NewItem> items;
    std::vector<ErrorDetail> unknown;
    for (std::size_t i = 0; i < draft.items.size(); ++i) {
        const auto offer = offers.find(draft.items[i].sku);
        if (offer == offers.end()) {
            unknown.push_back({"items[" + std::to_string(i) + "].sku_id", "there is no such SKU"});
        } else {
            items.push_back({draft.items[i], offer->second.product});
        }
    }
    if (!unknown.empty()) return Error{catalog::kUnknownReference, std::move(unknown)};
    return items;
}

// The ordinary price may be lowered afterwards: then the live view says so, and staff decide.
Result<void> PromotionService::check_prices(sql::Reader& reader, const PromotionDraft& draft)
    const {
    if (draft.shadow) return {};
    std::vector<SkuId> skus;
    for (const ItemTerms& terms : draft.items) skus.push_back(terms.sku);
    const auto offers = catalog::find_offers(reader, skus);
    std::vector<ErrorDetail> dear;
    for (std::size_t i = 0; i < draft.items.size(); ++i) {
        const auto offer = offers.find(draft.items[i].sku);
        if (offer == offers.end() || draft.items[i].price <= offer->second.price) continue;
        dear.push_back(
            {"items[" + std::to_string(i) + "].price",
             "must not be above the ordinary price, " + std::to_string(offer->second.price.fen()) +
                 " fen"}
        );
    }
    if (!dear.empty()) return Error{kValidationFailed, std::move(dear)};
    return {};
}

Result<void> PromotionService::check_overlaps(
    sql::Reader& reader, const Promotion& promotion, const Window& window
) const {
    if (promotion.shadow) return {};
    std::vector<ErrorDetail> details;
    for (const auto& overlap : promotions::overlaps(reader, promotion.id, window)) {
        details.push_back(
            {"skus[" + overlap.sku.to_string() + "]",
             "promotion " + overlap.promotion.to_string() + " (" + overlap.name + ") sells it then"}
        );
    }
    if (!details.empty()) return Error{kOverlaps, std::move(details)};
    return {};
}

Result<Promotion> PromotionService::create(
    sql::Transaction& tx, Actor staff, const PromotionDraft& draft
) const {
    if (auto faults = faults_of(draft); !faults.empty()) {
        return Error{kValidationFailed, std::move(faults)};
    }
    promotions::lock(tx);
    const auto items = look_up(tx, draft);
    if (items.has_error()) return items.error();
    const auto priced = check_prices(tx, draft);
    if (priced.has_error()) return priced.error();
    const PromotionId id = promotions::insert(tx, draft, *items, parts_.clock.now());
    auto promotion = get(tx, id);
    const auto free = check_overlaps(tx, *promotion, draft.window);
    if (free.has_error()) return free.error();
    note(tx, staff, "promotion.created", id, summary(*promotion));
    return promotion;
}

Result<Promotion> PromotionService::edit(
    sql::Transaction& tx, Actor staff, PromotionId id, const PromotionEdit& edit
) const {
    promotions::lock(tx);
    const auto before = get(tx, id);
    if (before.has_error()) return before.error();
    if (before->state != PromotionState::draft) return kNotDraft;
    if (edit.version && *edit.version != before->version) return kPromotionChanged;
    const PromotionDraft draft = edited(*before, edit);
    if (auto faults = faults_of(draft); !faults.empty()) {
        return Error{kValidationFailed, std::move(faults)};
    }
    const auto items = look_up(tx, draft);
    if (items.has_error()) return items.error();
    const auto priced = check_prices(tx, draft);
    if (priced.has_error()) return priced.error();
    promotions::update(tx, id, draft, *items);
    auto promotion = get(tx, id);
    const auto free = check_overlaps(tx, *promotion, draft.window);
    if (free.has_error()) return free.error();
    note(tx, staff, "promotion.edited", id, summary(*promotion));
    return promotion;
}

Result<void> PromotionService::remove(sql::Transaction& tx, Actor staff, PromotionId id) const {
    promotions::lock(tx);
    const auto promotion = get(tx, id);
    if (promotion.has_error()) return promotion.error();
    if (promotion->state != PromotionState::draft) return kNotDraft;
    promotions::remove(tx, id);
    note(tx, staff, "promotion.deleted", id, summary(*promotion));
    return {};
}

}  // namespace doorbuster::flash_sale
