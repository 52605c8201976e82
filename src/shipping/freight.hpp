#pragma once

#include <optional>

#include "core/money.hpp"

namespace doorbuster::shipping {

// What carriage costs: a flat fee, and nothing from a total on (满额包邮), if there is one.
struct FreightRule {
    Money flat;
    std::optional<Money> free_above;
};

// `items_total` is what the items cost, without freight. A total of exactly `free_above` is free.
Money freight_for(const FreightRule& rule, Money items_total);

}  // namespace doorbuster::shipping
