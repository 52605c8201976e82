#pragma once

#include <optional>
#include <vector>

#include "flash_sale/model/promotion.hpp"
#include "flash_sale/model/stock_store.hpp"
#include "flash_sale/staff/promotion_draft.hpp"
#include "ports/sql.hpp"

// Promotions and their items as rows. Inside the caller's transaction or snapshot.
namespace doorbuster::flash_sale::promotions {

// Held to the end of the transaction by everything that writes promotions: first, before anything
// is read. Buyers never wait for it.
void lock(sql::Transaction& tx);

// An item to write: its SKU's product was looked up.
struct NewItem {
    ItemTerms terms;
    ProductId product;
};
PromotionId insert(
    sql::Transaction& tx, const PromotionDraft& draft, const std::vector<NewItem>& items, Time now
);
// Of a draft; all items are written anew.
void update(
    sql::Transaction& tx,
    PromotionId id,
    const PromotionDraft& draft,
    const std::vector<NewItem>& items
);
void remove(sql::Transaction& tx, PromotionId id);
// Everything that may change after the draft; raises the version, in `promotion` too.
void save(sql::Transaction& tx, Promotion& promotion);

std::optional<Promotion> find(sql::Reader& reader, PromotionId id);

struct Listing {
    std::vector<Promotion> promotions;  // newest first
    std::int64_t total = 0;
};
Listing list(
    sql::Reader& reader,
    std::optional<PromotionState> state,
    std::int64_t offset,
    std::int64_t limit
);
std::int64_t count(sql::Reader& reader, PromotionState state);

// Published promotions, rehearsals left out, that sell a SKU of `promotion` at a time of `window`.
struct Overlap {
    SkuId sku;
    PromotionId promotion;
    std::string name;
};
std::vector<Overlap> overlaps(sql::Reader& reader, PromotionId promotion, const Window& window);

// Every item of every published promotion, by id.
struct PublishedItem {
    PromotionItemId id;
    bool paused = false;
    std::int64_t epoch = 0;
    Window window;
};
std::vector<PublishedItem> published_items(sql::Reader& reader);

// Published promotions whose end has come, earliest first.
std::vector<PromotionId> over(sql::Reader& reader, Time now, std::int64_t limit);

// The kill switch.
void set_stopped(sql::Transaction& tx, bool stopped);

// The counters of an item that was published.
struct ItemCounts {
    PromotionItemId item;
    StockView view;
    std::int64_t released = 0;  // units that came back, ever
    std::int64_t waiting = 0;   // users on the waitlist without an offer
};
std::vector<ItemCounts> counts(sql::Reader& reader, PromotionId promotion);

}  // namespace doorbuster::flash_sale::promotions
