#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"

// Promotions as values, and the rules about them that need no I/O.
namespace doorbuster::flash_sale {

// From its first moment, up to but without its last.
struct Window {
    Time starts_at;
    Time ends_at;

    bool overlaps(const Window& other) const {
        return starts_at < other.ends_at && other.starts_at < ends_at;
    }
    friend bool operator==(const Window&, const Window&) = default;
};

// By the clock at the moment of asking; never kept.
enum class Phase { upcoming, live, ended };
Phase phase_at(const Window& window, Time now);
std::string_view to_string(Phase phase);

// How much is left, told in words: an exact count would tell rivals and bots too much.
enum class StockBand { none, few, some, plenty };
// `free` of `granted` units: few up to a tenth, some up to a half.
StockBand band_of(std::int64_t free, std::int64_t granted);
std::string_view to_string(StockBand band);

enum class PromotionState { draft, published, ended };
std::string_view to_string(PromotionState state);
// The text must be one that to_string made.
PromotionState promotion_state_from(std::string_view text);

// What one SKU is sold for, and to how many.
struct ItemTerms {
    SkuId sku;
    Money price;                     // at least one fen
    std::int64_t allotment = 0;      // units that publishing sets apart, 1 to kAllotmentMax
    std::int64_t per_user_max = 1;   // live units of one user, 1 to kPerUserMax
    std::int64_t per_order_max = 1;  // 1 to per_user_max

    static constexpr std::int64_t kAllotmentMax = 10'000'000;
    static constexpr std::int64_t kPerUserMax = 100;
};

struct PromotionItem {
    PromotionItemId id;
    ProductId product;
    ItemTerms terms;
};

struct Promotion {
    static constexpr std::size_t kItemsMax = 200;

    PromotionId id;
    std::string name;
    PromotionState state = PromotionState::draft;
    bool paused = false;
    bool shadow = false;  // a rehearsal: never shown to shoppers
    Window window;
    std::int64_t epoch = 0;    // tokens of another epoch count no more
    std::int64_t version = 1;  // counts the changes
    Time created_at;
    std::optional<Time> published_at;
    std::optional<Time> ended_at;
    std::vector<PromotionItem> items;  // by id
};

}  // namespace doorbuster::flash_sale
