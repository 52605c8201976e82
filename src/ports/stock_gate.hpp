#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/task.hpp"

namespace doorbuster {

// The units of one promotion item as a commit left them. Of two views of one item the one with the
// higher version is the newer, whichever arrives first.
struct StockView {
    std::int64_t version = 0;
    std::int64_t epoch = 0;
    bool open = false;  // published, not paused, not stopped
    Time opens_at;
    Time closes_at;
    std::int64_t available = 0;  // held by no order; `offered` of them are kept for the waitlist
    std::int64_t offered = 0;
    std::int64_t reserved = 0;
    std::int64_t sold = 0;

    std::int64_t free() const { return available - offered; }
    std::int64_t granted() const { return available + reserved + sold; }
};

// What the gate answers.
enum class Entry {
    in,
    sold_out,
    limit_reached,  // the user holds as many units as one may
    door_full,      // as many leases are out as there may be
    unknown_item,   // not loaded: not on sale here
    no_lease,       // the user's lease is not out: expired, given back, or of another nonce
    lease_in_use,   // an order is under way with it
};

// Filters buyers in front of the database, for speed: it may forget everything at any moment and
// nothing is sold twice, because the database decides. It never lets in more than what it was told
// is left, less what is under way.
//
// The door: before an order a buyer takes out a lease. At most door_factor x granted leases of an
// item are out, one per user; a lease ends by itself after its time, and at every exit before.
//
// Thread-safe. Deadlines count by the steady clock.
class StockGate {
public:
    virtual ~StockGate() = default;

    struct Limits {
        std::int64_t per_user_max = 1;
        std::int64_t door_factor = 5;
    };
    // Users and the live units each has: held or bought, not given back.
    using Holders = std::vector<std::pair<UserId, std::int64_t>>;

    // Begins to serve an item. Again for a known item: limits, view and holders are taken anew, and
    // what is under way stays under way.
    virtual void load(
        PromotionItemId item, const Limits& limits, const StockView& view, const Holders& holders
    ) = 0;
    virtual void forget(PromotionItemId item) = 0;

    // A commit has left the item so. An older view than the one known is ignored.
    virtual void apply(PromotionItemId item, const StockView& view) = 0;
    virtual std::optional<StockView> view(PromotionItemId item) const = 0;

    // A transaction of this process is about to commit, which leaves the item's view with this
    // version and takes these units of orders that were let in. A view of that version or a later
    // one has them subtracted already; without this they would be missing twice until each of the
    // orders is settled, and buyers be refused what nobody takes. One transaction at a time: the
    // next one's word replaces the last one's.
    struct Commit {
        std::int64_t version = 0;
        std::int64_t units = 0;    // of the free ones
        std::int64_t offered = 0;  // of those kept for the waitlist
    };
    virtual void begin_commit(PromotionItemId item, const Commit& commit) = 0;
    // It has ended. Call `apply` with its view first, and `settle` for its orders after.
    virtual void end_commit(PromotionItemId item, bool committed) = 0;

    // Nothing left but what is under way or offered to the waitlist. For every request: no lock
    // that a writer holds for long, no allocation.
    virtual bool sold_out(PromotionItemId item) const = 0;

    // Takes out a lease. A user who has one already, not in use, gets it renewed with the new
    // nonce; the old nonce is void. Refusals: sold_out, limit_reached, door_full, unknown_item,
    // lease_in_use.
    virtual Task<Entry> open_door(
        PromotionItemId item, UserId user, std::uint64_t nonce, Milliseconds time_to_live
    ) = 0;
    // The user gives the lease back, if it is not in use.
    virtual void leave_door(PromotionItemId item, UserId user) = 0;

    // Lets an order of `units` in with the lease `nonce`; `settle` must follow. Refusals: sold_out,
    // limit_reached, unknown_item, no_lease, lease_in_use.
    virtual Task<Entry> take(
        PromotionItemId item, UserId user, std::uint64_t nonce, std::int64_t units
    ) = 0;
    // The same for units that the waitlist offers to this user; no lease is needed.
    virtual Task<Entry> take_offered(PromotionItemId item, UserId user, std::int64_t units) = 0;

    // How an order that was let in has ended. Call `apply` with the commit's view first.
    enum class Outcome {
        placed,   // committed: the user has the units
        refused,  // finally: nothing was written, the lease is used up
        failed,   // not by the buyer's fault: nothing was written, the lease is out again
    };
    struct Order {
        PromotionItemId item;
        UserId user;
        std::int64_t units = 0;
        bool offered = false;  // let in by take_offered
    };
    virtual void settle(const Order& order, Outcome outcome) = 0;

    // An order of this user gave its units back.
    virtual void give_back(PromotionItemId item, UserId user, std::int64_t units) = 0;

    // Ends the leases whose time is over; call it now and then.
    virtual void sweep() = 0;

    struct Counts {
        std::int64_t leases = 0;     // out or in use
        std::int64_t under_way = 0;  // units let in and not settled
    };
    virtual Counts counts(PromotionItemId item) const = 0;
};

}  // namespace doorbuster
