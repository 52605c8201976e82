#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

#include "ports/stock_gate.hpp"

namespace doorbuster::memory {

// The gate of one process. Bounds: holders are at most the units granted, leases at most
// kLeasesMax per item and door_factor x granted.
class MemoryGate final : public StockGate {
public:
    static constexpr std::int64_t kLeasesMax = 1'000'000;

    explicit MemoryGate(const Clock& clock) : clock_{clock} {}

    void load(
        PromotionItemId item, const Limits& limits, const StockView& view, const Holders& holders
    ) override;
    void forget(PromotionItemId item) override;
    void apply(PromotionItemId item, const StockView& view) override;
    std::optional<StockView> view(PromotionItemId item) const override;
    bool sold_out(PromotionItemId item) const override;
    Task<Entry> open_door(
        PromotionItemId item, UserId user, std::uint64_t nonce, Milliseconds time_to_live
    ) override;
    void leave_door(PromotionItemId item, UserId user) override;
    Task<Entry> take(PromotionItemId item, UserId user, std::uint64_t nonce, std::int64_t units)
        override;
    Task<Entry> take_offered(PromotionItemId item, UserId user, std::int64_t units) override;
    void settle(const Order& order, Outcome outcome) override;
    void give_back(PromotionItemId item, UserId user, std::int64_t units) override;
    void sweep() override;
    Counts counts(PromotionItemId item) const override;

private:
    using Instant = std::chrono::steady_clock::time_point;

    struct Lease {
        std::uint64_t nonce = 0;
        Instant ends;
        bool in_use = false;
    };
    // In the order of their ends, as long as all leases of an item last equally long; a lease that
    // was renewed or has gone is passed over.
    struct Expiry {
        Instant ends;
        UserId user;
        std::uint64_t nonce;
    };
    struct Item {
        mutable std::mutex mutex;
        Limits limits;
        StockView view;
        std::int64_t under_way = 0;                      // units let in from the free ones
        std::int64_t offered_under_way = 0;              // from the offered ones
        std::unordered_map<UserId, std::int64_t> units;  // live and under way, per user
        std::unordered_map<UserId, Lease> leases;
        std::deque<Expiry> expiries;
        // What `sold_out` reads without the mutex.
        std::atomic<bool> empty = false;

        std::int64_t left() const { return view.free() - under_way; }
        void note_left();
        bool within_limit(UserId user, std::int64_t more) const;
        void add_units(UserId user, std::int64_t more);
        std::int64_t door_max() const;
        void end_leases(Instant now);
        Entry open(UserId user, std::uint64_t nonce, Instant now, Milliseconds time_to_live);
        Entry enter(UserId user, std::uint64_t nonce, std::int64_t more, Instant now);
        Entry enter_offered(UserId user, std::int64_t more);
        void settle_lease(UserId user, Outcome outcome);
    };
    std::shared_ptr<Item> find(PromotionItemId item) const;

    const Clock& clock_;
    mutable std::shared_mutex mutex_;
    std::unordered_map<PromotionItemId, std::shared_ptr<Item>> items_;
};

}  // namespace doorbuster::memory
