#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/result.hpp"
#include "flash_sale/model/promotion.hpp"
#include "ports/sql.hpp"
#include "ports/stock_gate.hpp"

namespace doorbuster::flash_sale {

// Who waits for units that come back (expiry, cancel, refund, added stock), first come, first
// offered. An offered unit is kept for its user until the offer ends, then for the next one. Every
// function runs inside a caller's transaction. Thread-safe.
//
// Invariants: one live row per item and user; promotion_stock.offered = rows in state 'offered';
// offers are made in the order of joining. Whatever changes `offered` holds the lock of the item's
// stock row first, so the offers of one item are made one after the other.
//
// While a sale is paused nothing is offered, and an offer that ends gets a whole new time: whoever
// lets the sale go on calls offer_free.
class Waitlist {
public:
    struct Settings {
        std::int64_t places_max = 10'000;  // waiting and offered, of one item
        Milliseconds offer_for = std::chrono::minutes{2};
    };
    Waitlist(StockGate& gate, const Clock& clock, Settings settings)
        : gate_{gate}, clock_{clock}, settings_{settings} {}

    struct Entry {
        WaitlistId id;
        bool offered = false;
        std::int64_t ahead = 0;  // how many wait before this one
        Time joined_at;
        std::optional<Time> offered_until;
    };
    // Joining again is the same place, even when the list is full. Errors: kItemNotFound (never
    // published), kEnded, kPaused, kNotSoldOut (units are free and nobody waits for them),
    // kWaitlistFull.
    struct Joined {
        Entry entry;
        bool again = false;  // the place was there before
    };
    Result<Joined> join(sql::Transaction& tx, PromotionItemId item, UserId user) const;
    // Errors: kNotWaiting, also when an offer has just ended.
    Result<Entry> find(sql::Reader& reader, PromotionItemId item, UserId user) const;
    // An offer that was open goes to the next one. Errors: kNotWaiting.
    Result<void> leave(sql::Transaction& tx, PromotionItemId item, UserId user) const;

    struct Counts {
        std::int64_t waiting = 0;
        std::int64_t offered = 0;
    };
    Counts counts(sql::Reader& reader, PromotionItemId item) const;

    // Keeps as many of the free units as there are users waiting, and offers them; the rest stays
    // free. Call it in every transaction that makes units free or lets a sale go on, after the row
    // is changed; `view` is the item's row as it is now. Returns the row as it then is; the gate is
    // told of it after the commit, if it differs. One statement, at most places_max rows.
    StockView offer_free(sql::Transaction& tx, PromotionItemId item, const StockView& view) const;

    // The open offer of a user, if it has not ended. For the transaction that places the order.
    std::optional<WaitlistId> open_offer(sql::Reader& reader, PromotionItemId item, UserId user)
        const;
    // All open offers of an item, at most places_max.
    struct Offer {
        UserId user;
        Time until;
    };
    std::vector<Offer> open_offers(sql::Reader& reader, PromotionItemId item) const;
    // The offer has become an order. The counters are the caller's. False: it is open no more.
    bool take(sql::Transaction& tx, WaitlistId offer, OrderNo order) const;

    // Offers whose time is over pass to the next ones; at most `limit`. True: more are due.
    bool pass_due(sql::Transaction& tx, std::int64_t limit) const;
    bool any_due(sql::Reader& reader) const;

    // The sale is over: nobody waits any more and nothing is kept. Returns the row as it then is.
    StockView close(sql::Transaction& tx, PromotionItemId item, const StockView& view) const;

    const Settings& settings() const { return settings_; }

private:
    StockView keep_fewer(sql::Transaction& tx, PromotionItemId item, std::int64_t units) const;
    void pass(sql::Transaction& tx, PromotionItemId item, const std::vector<WaitlistId>& offers)
        const;

    StockGate& gate_;
    const Clock& clock_;
    Settings settings_;
};

}  // namespace doorbuster::flash_sale
