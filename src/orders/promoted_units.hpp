#pragma once

#include <cstdint>

#include "core/ids.hpp"
#include "ports/sql.hpp"

namespace doorbuster::orders {

// A line of an order whose units came from a promotion.
struct PromotedLine {
    OrderNo order;
    UserId user;
    PromotionItemId item;
    SkuId sku;
    std::int64_t quantity = 0;
};

// The order side's word to whoever runs promotions: an order with units of theirs has come to its
// end of holding them. Called once per line, inside the transaction that changes the order, on any
// database thread.
class PromotedUnits {
public:
    virtual ~PromotedUnits() = default;
    // The order is paid: held units are sold.
    virtual void confirm(sql::Transaction& tx, const PromotedLine& line) = 0;
    // The order is closed: held units come back.
    virtual void release(sql::Transaction& tx, const PromotedLine& line) = 0;
    // A closed order is paid after all: takes its units again, sold at once, if the sale is on,
    // they are left and the buyer may still have them. False, and nothing is changed: they are not.
    virtual bool take_again(sql::Transaction& tx, const PromotedLine& line) = 0;
    // Sold units come back to the shelf; their buyer has used up the limit all the same.
    virtual void take_returned(sql::Transaction& tx, const PromotedLine& line) = 0;
};

}  // namespace doorbuster::orders
