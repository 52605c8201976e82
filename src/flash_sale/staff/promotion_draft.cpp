#include "flash_sale/staff/promotion_draft.hpp"

#include <unordered_set>

namespace doorbuster::flash_sale {
namespace {

bool between(std::int64_t value, std::int64_t min, std::int64_t max) {
    return value >= min && value <= max;
}

void check_terms(
    std::vector<ErrorDetail>& faults, const std::string& item, const ItemTerms& terms
) {
    if (terms.price.fen() < 1) faults.push_back({item + ".price", "must be at least 1 fen"});
    if (!between(terms.allotment, 1, ItemTerms::kAllotmentMax)) {
        faults.push_back({item + ".allotment", "must be from 1 to 10000000"});
    }
    if (!between(terms.per_user_max, 1, ItemTerms::kPerUserMax)) {
        faults.push_back({item + ".per_user_max", "must be from 1 to 100"});
    }
    if (!between(terms.per_order_max, 1, terms.per_user_max)) {
        faults.push_back({item + ".per_order_max", "must be from 1 to per_user_max"});
    }
}

}  // namespace

bool is_sale_time(Time time) {
    using std::chrono::January;
    constexpr Time kFirst = std::chrono::sys_days{std::chrono::year{2000} / January / 1};
    constexpr Time kLast = std::chrono::sys_days{std::chrono::year{3000} / January / 1};
    return time >= kFirst && time < kLast;
}

PromotionDraft edited(const Promotion& promotion, const PromotionEdit& edit) {
    PromotionDraft draft;
    draft.name = edit.name.value_or(promotion.name);
    draft.window = {
        edit.starts_at.value_or(promotion.window.starts_at),
        edit.ends_at.value_or(promotion.window.ends_at)};
    draft.shadow = promotion.shadow;
    if (edit.items) {
        draft.items = *edit.items;
    } else {
        for (const PromotionItem& item : promotion.items) draft.items.push_back(item.terms);
    }
    return draft;
}

std::vector<ErrorDetail> faults_of(const PromotionDraft& draft) {
    std::vector<ErrorDetail> faults;
    if (!is_sale_time(draft.window.starts_at)) {
        faults.push_back({"starts_at", "must lie in the years 2000 to 2999"});
    }
    if (!is_sale_time(draft.window.ends_at)) {
        faults.push_back({"ends_at", "must lie in the years 2000 to 2999"});
    } else if (draft.window.ends_at <= draft.window.starts_at) {
        faults.push_back({"ends_at", "must be after starts_at"});
    }
    if (draft.items.size() > Promotion::kItemsMax) {
        faults.push_back({"items", "must be at most " + std::to_string(Promotion::kItemsMax)});
        return faults;
    }
    std::unordered_set<SkuId> skus;
    for (std::size_t i = 0; i < draft.items.size(); ++i) {
        const std::string item = "items[" + std::to_string(i) + "]";
        check_terms(faults, item, draft.items[i]);
        if (!skus.insert(draft.items[i].sku).second) {
            faults.push_back({item + ".sku_id", "is named twice"});
        }
    }
    return faults;
}

}  // namespace doorbuster::flash_sale
