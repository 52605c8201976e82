#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "flash_sale/model/promotion.hpp"

namespace doorbuster::flash_sale {

// A promotion as staff write it down.
struct PromotionDraft {
    std::string name;
    Window window;
    bool shadow = false;
    std::vector<ItemTerms> items;
};

// What staff change of a draft; what is absent stays.
struct PromotionEdit {
    std::optional<std::string> name;
    std::optional<Time> starts_at;
    std::optional<Time> ends_at;
    std::optional<std::vector<ItemTerms>> items;
    // The version that the editor saw; another one is there now: kPromotionChanged.
    std::optional<std::int64_t> version;
};

// Of the years 2000 to 2999; anything else is a slip of the pen.
bool is_sale_time(Time time);

PromotionDraft edited(const Promotion& promotion, const PromotionEdit& edit);

// What is wrong with a draft, by the names of the API's fields. A draft may lack items.
std::vector<ErrorDetail> faults_of(const PromotionDraft& draft);

}  // namespace doorbuster::flash_sale
