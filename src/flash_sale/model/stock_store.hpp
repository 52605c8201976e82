#pragma once

#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "flash_sale/model/promotion.hpp"
#include "ports/sql.hpp"
#include "ports/stock_gate.hpp"

// The counters of promotion items as rows. Every function works inside the caller's transaction or
// snapshot; every change raises the row's version and returns the row as it then is. What is to be
// told to the gate after the commit is the caller's to tell.
namespace doorbuster::flash_sale::stock {

std::optional<StockView> find(sql::Reader& reader, PromotionItemId item);
// The same, and no other transaction changes the row until this one ends.
std::optional<StockView> lock(sql::Transaction& tx, PromotionItemId item);

// Takes `units` for orders: from the free ones, and `offered` more from those kept for the
// waitlist, if the row is open, of this epoch, and `now` lies in its window. Nothing: it is not, or
// there are fewer; nothing has changed then.
std::optional<StockView> reserve(
    sql::Transaction& tx,
    PromotionItemId item,
    std::int64_t units,
    std::int64_t offered,
    std::int64_t epoch,
    Time now
);
// Held units were paid for.
StockView confirm(sql::Transaction& tx, PromotionItemId item, std::int64_t units);
// Held units come back and are available.
StockView release(sql::Transaction& tx, PromotionItemId item, std::int64_t units);
// Free units are sold at once. Nothing: the item is not open, or there are fewer.
std::optional<StockView> take_again(sql::Transaction& tx, PromotionItemId item, std::int64_t units);
// Sold units come back and are available.
StockView take_returned(sql::Transaction& tx, PromotionItemId item, std::int64_t units);
// `difference` units more (or fewer) are kept for the waitlist, of those available.
StockView offer(sql::Transaction& tx, PromotionItemId item, std::int64_t difference);

// Brings in units (of a TRANSFER), or takes available ones away: a negative number.
StockView add(sql::Transaction& tx, PromotionItemId item, std::int64_t units);

// Makes the row of an item that is being published, or writes the promotion's state into it.
struct Opening {
    bool open = false;
    std::int64_t epoch = 0;
    Window window;
};
StockView put(sql::Transaction& tx, PromotionItemId item, const Opening& opening);

}  // namespace doorbuster::flash_sale::stock
