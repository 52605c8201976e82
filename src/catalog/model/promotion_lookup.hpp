#pragma once

#include <string>

#include "core/ids.hpp"

namespace doorbuster::catalog {

// The catalog's question to whoever runs promotions: what is on for this product at this moment?
// Asked for every answer and never cached here, because a promotion begins and ends by the clock.
class PromotionLookup {
public:
    virtual ~PromotionLookup() = default;
    // A JSON object with a list `items` (several SKUs of one product may be on), or "null". Called
    // on event loops: answers from memory, never waits. Thread-safe.
    virtual std::string promotion_json(ProductId product) const = 0;
};

}  // namespace doorbuster::catalog
