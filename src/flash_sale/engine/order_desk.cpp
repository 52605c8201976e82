#include "flash_sale/engine/order_desk.hpp"

#include "core/assert.hpp"
#include "core/planted.hpp"
#include "flash_sale/model/errors.hpp"

namespace doorbuster::flash_sale {
namespace {

const ErrorKind& refusal_of(Entry entry, bool offered) {
    switch (entry) {
        case Entry::in:
            break;
        case Entry::sold_out:
            return offered ? kNoOffer : kSoldOut;
        case Entry::limit_reached:
            return kLimitReached;
        case Entry::door_full:
            return kDoorFull;
        case Entry::unknown_item:
            return kItemNotFound;
        case Entry::no_lease:  // the token has not expired by its own time: whoever calls looked
        case Entry::lease_in_use:
            return kTokenUsed;
    }
    DOORBUSTER_ASSERT(false && "an entry that is no refusal");
    return kItemNotFound;
}

OrderRequest request_of(const OrderDesk::Wish& wish) {
    OrderRequest request;
    request.item = wish.item;
    request.epoch = wish.epoch;
    request.user = wish.user;
    request.address = wish.address;
    request.units = wish.units;
    request.offered = wish.offered;
    request.key = wish.key;
    return request;
}

}  // namespace

Result<void> check_open(const SaleItem& item, bool stopped, Time now) {
    if (stopped) return kStopped;
    const Phase phase = phase_at(item.window, now);
    if (item.ended || phase == Phase::ended) return kEnded;
    if (phase == Phase::upcoming) return kNotOpen;
    if (item.paused) return kPaused;
    return {};
}

Task<Result<PlacedOrder>> OrderDesk::place(Wish wish) {
    if (planted(Bug::twins_not_awaited)) co_return co_await decide(wish);
    const Twins::Name name{wish.item->id, wish.user, wish.key};
    auto answer = co_await twins_.follow(name);
    if (answer) co_return *std::move(answer);
    Twins::Lead lead{twins_, name};
    lead.outcome = co_await decide(wish);
    co_return *lead.outcome;
}

Task<Result<PlacedOrder>> OrderDesk::decide(const Wish& wish) {
    OrderRequest request = request_of(wish);
    // Before the gate knows of it: what the gate then says to others may be this request's doing.
    const SeenKeys::Trial trial{seen_, wish.item->id, wish.key.key};
    auto refusal = co_await enter(wish);
    if (refusal) {
        // A retry of a request that has placed an order must learn of it, whatever has come
        // between.
        const bool may_be_retry = seen_.maybe(wish.item->id, wish.key.key);
        if (!may_be_retry) co_return std::move(*refusal);
        request.replay_only = true;
        auto first = co_await committer_.commit(request);
        if (!first) co_return kBusy;
        const bool known = first->has_value() || !first->error().is(kNotFound);
        co_return known ? std::move(*first) : Result<PlacedOrder>{std::move(*refusal)};
    }
    // Before the commit: from then on a retry may come.
    seen_.add(wish.item->id, wish.key.key);
    auto outcome = co_await committer_.commit(request);
    settle(wish, outcome);
    if (!outcome) co_return kBusy;
    co_return std::move(*outcome);
}

// What is known without asking the database, cheapest first. On success the gate has let it in.
Task<std::optional<Error>> OrderDesk::enter(const Wish& wish) {
    if (wish.refusal) co_return wish.refusal;
    const SaleItem& item = *wish.item;
    if (wish.units > item.terms.per_order_max) co_return Error{kTooManyAtOnce};
    const auto open = check_open(item, board_.stopped(), clock_.now());
    if (open.has_error()) co_return open.error();
    const bool of_epoch = wish.epoch == item.epoch || planted(Bug::epoch_not_checked);
    if (!wish.offered && !of_epoch) co_return Error{kTokenExpired};
    Entry entry = Entry::unknown_item;
    if (wish.offered) {
        entry = co_await gate_.take_offered(item.id, wish.user, wish.units);
    } else {
        entry = co_await gate_.take(item.id, wish.user, wish.nonce, wish.units);
    }
    if (entry == Entry::in) co_return std::nullopt;
    co_return Error{refusal_of(entry, wish.offered)};
}

void OrderDesk::settle(const Wish& wish, const std::optional<Result<PlacedOrder>>& outcome) {
    const StockGate::Order order{wish.item->id, wish.user, wish.units, wish.offered};
    const bool in_doubt = outcome && outcome->has_error() && outcome->error().is(kUnavailable);
    if (in_doubt && planted(Bug::doubt_not_settled)) return;
    if (!outcome || in_doubt) {
        gate_.settle(order, StockGate::Outcome::failed);
    } else if (outcome->has_value() && !(*outcome)->replayed) {
        gate_.settle(order, StockGate::Outcome::placed);
    } else if (!planted(Bug::lease_lost_on_refusal)) {
        gate_.settle(order, StockGate::Outcome::refused);
    }
}

}  // namespace doorbuster::flash_sale
