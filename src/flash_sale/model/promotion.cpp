#include "flash_sale/model/promotion.hpp"

#include "core/assert.hpp"

namespace doorbuster::flash_sale {

Phase phase_at(const Window& window, Time now) {
    if (now < window.starts_at) return Phase::upcoming;
    return now < window.ends_at ? Phase::live : Phase::ended;
}

std::string_view to_string(Phase phase) {
    switch (phase) {
        case Phase::upcoming:
            return "upcoming";
        case Phase::live:
            return "live";
        case Phase::ended:
            return "ended";
    }
    return {};
}

StockBand band_of(std::int64_t free, std::int64_t granted) {
    if (free <= 0) return StockBand::none;
    if (free * 10 <= granted) return StockBand::few;
    return free * 2 <= granted ? StockBand::some : StockBand::plenty;
}

std::string_view to_string(StockBand band) {
    switch (band) {
        case StockBand::none:
            return "none";
        case StockBand::few:
            return "few";
        case StockBand::some:
            return "some";
        case StockBand::plenty:
            return "plenty";
    }
    return {};
}

std::string_view to_string(PromotionState state) {
    switch (state) {
        case PromotionState::draft:
            return "draft";
        case PromotionState::published:
            return "published";
        case PromotionState::ended:
            return "ended";
    }
    return {};
}

PromotionState promotion_state_from(std::string_view text) {
    for (const auto state :
         {PromotionState::draft, PromotionState::published, PromotionState::ended}) {
        if (to_string(state) == text) return state;
    }
    DOORBUSTER_ASSERT(false && "a promotion's state that to_string did not make");
    return PromotionState::ended;
}

}  // namespace doorbuster::flash_sale
