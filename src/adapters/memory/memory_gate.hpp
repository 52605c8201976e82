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
    void begin_commit(PromotionItemId item, const Commit& commit) override;
    void end_commit(PromotionItemId item, bool committed) override;
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
    // Units that were let in and are not settled. The view has subtracted `in_view` of them.
    struct UnderWay {
        std::int64_t units = 0;
        std::int64_t in_view = 0;

        std::int64_t missing_in_view() const { return units - in_view; }
        void note_in_view(std::int64_t more);
        void settle(std::int64_t settled, Outcome outcome);
    };
    struct Item {
        mutable std::mutex mutex;
        Limits limits;
        StockView view;
        UnderWay under_way;                              // from the free units
        UnderWay offered_under_way;                      // from the offered ones
        std::optional<Commit> commit;                    // that has not ended
        std::unordered_map<UserId, std::int64_t> units;  // live and under way, per user
        std::unordered_map<UserId, Lease> leases;
        std::deque<Expiry> expiries;
        // What `sold_out` reads without the mutex.
        std::atomic<bool> empty = false;

        bool shows_commit() const { return commit && view.version >= commit->version; }
        std::int64_t left() const;
        std::int64_t offers_left() const;
        void end_commit(bool committed);
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
