#include "adapters/memory/memory_gate.hpp"

#include "core/assert.hpp"
#include "core/planted.hpp"

namespace doorbuster::memory {

// ---- one item; its mutex is held
// -----------------------------------------------------------------

bool MemoryGate::Item::within_limit(UserId user, std::int64_t more) const {
    const auto found = units.find(user);
    return (found == units.end() ? 0 : found->second) + more <= limits.per_user_max;
}

void MemoryGate::UnderWay::note_in_view(std::int64_t more) {
    if (planted(Bug::units_subtracted_twice)) return;
    in_view = std::min(units, in_view + more);
}

// An item that was forgotten and loaded again meanwhile has less under way, or nothing.
void MemoryGate::UnderWay::settle(std::int64_t settled, Outcome outcome) {
    units = std::max<std::int64_t>(0, units - settled);
    if (outcome == Outcome::placed) in_view = std::max<std::int64_t>(0, in_view - settled);
    in_view = std::min(in_view, units);
}

std::int64_t MemoryGate::Item::left() const {
    UnderWay now = under_way;
    if (shows_commit()) now.note_in_view(commit->units);
    return view.free() - now.missing_in_view();
}

std::int64_t MemoryGate::Item::offers_left() const {
    UnderWay now = offered_under_way;
    if (shows_commit()) now.note_in_view(commit->offered);
    return view.offered - now.missing_in_view();
}

void MemoryGate::Item::end_commit(bool committed) {
    if (committed && shows_commit()) {
        under_way.note_in_view(commit->units);
        offered_under_way.note_in_view(commit->offered);
    }
    commit.reset();
    note_left();
}

void MemoryGate::Item::note_left() {
    const bool stays = planted(Bug::sold_out_for_ever) && empty.load(std::memory_order_relaxed);
    empty.store(left() <= 0 || stays, std::memory_order_release);
}

void MemoryGate::Item::add_units(UserId user, std::int64_t more) {
    if (more == 0) return;
    const auto found = units.try_emplace(user, 0).first;
    // Holders may have been loaded from a snapshot that lacked these units already.
    found->second = std::max<std::int64_t>(0, found->second + more);
    if (found->second == 0) units.erase(found);
}

std::int64_t MemoryGate::Item::door_max() const {
    return std::min(limits.door_factor * view.granted(), kLeasesMax);
}

void MemoryGate::Item::end_leases(Instant now) {
    while (!expiries.empty() && expiries.front().ends <= now) {
        const Expiry& due = expiries.front();
        const auto lease = leases.find(due.user);
        // One in use ends when its order does.
        if (lease != leases.end() && lease->second.nonce == due.nonce && !lease->second.in_use) {
            leases.erase(lease);
        }
        expiries.pop_front();
    }
}

Entry MemoryGate::Item::open(
    UserId user, std::uint64_t nonce, Instant now, Milliseconds time_to_live
) {
    end_leases(now);
    if (left() <= 0) return Entry::sold_out;
    if (!within_limit(user, 1)) return Entry::limit_reached;
    const auto known = leases.find(user);
    if (known != leases.end() && known->second.in_use) return Entry::lease_in_use;
    const bool full =
        static_cast<std::int64_t>(leases.size()) >= door_max() && !planted(Bug::door_without_limit);
    if (known == leases.end() && full) return Entry::door_full;
    leases.insert_or_assign(user, Lease{nonce, now + time_to_live, false});
    expiries.push_back({now + time_to_live, user, nonce});
    return Entry::in;
}

Entry MemoryGate::Item::enter(UserId user, std::uint64_t nonce, std::int64_t more, Instant now) {
    const auto lease = leases.find(user);
    const bool any_nonce = planted(Bug::old_nonce_still_good);
    if (lease == leases.end() || (lease->second.nonce != nonce && !any_nonce)) {
        return Entry::no_lease;
    }
    if (lease->second.in_use) return Entry::lease_in_use;
    if (lease->second.ends <= now) return Entry::no_lease;
    if (!within_limit(user, more)) {
        leases.erase(lease);
        return Entry::limit_reached;
    }
    if (left() < more) {
        leases.erase(lease);
        return Entry::sold_out;
    }
    lease->second.in_use = true;
    under_way.units += more;
    add_units(user, more);
    note_left();
    return Entry::in;
}

Entry MemoryGate::Item::enter_offered(UserId user, std::int64_t more) {
    if (!within_limit(user, more)) return Entry::limit_reached;
    if (offers_left() < more) return Entry::sold_out;
    offered_under_way.units += more;
    add_units(user, more);
    return Entry::in;
}

void MemoryGate::Item::settle_lease(UserId user, Outcome outcome) {
    const auto lease = leases.find(user);
    if (lease == leases.end() || !lease->second.in_use) return;
    if (outcome != Outcome::failed) {
        leases.erase(lease);
        return;
    }
    lease->second.in_use = planted(Bug::lease_stays_in_use);
    // Its place in the line of expiries may be gone already.
    expiries.push_back({lease->second.ends, user, lease->second.nonce});
}

// ---- all of them
// ---------------------------------------------------------------------------------

std::shared_ptr<MemoryGate::Item> MemoryGate::find(PromotionItemId item) const {
    const std::shared_lock lock{mutex_};
    const auto found = items_.find(item);
    return found == items_.end() ? nullptr : found->second;
}

void MemoryGate::load(
    PromotionItemId id, const Limits& limits, const StockView& view, const Holders& holders
) {
    const std::unique_lock lock{mutex_};
    std::shared_ptr<Item>& item = items_[id];
    if (!item) item = std::make_shared<Item>();
    const std::lock_guard item_lock{item->mutex};
    item->limits = limits;
    if (view.version >= item->view.version) item->view = view;
    item->units.clear();
    for (const auto& [user, units] : holders) item->add_units(user, units);
    item->note_left();
}

void MemoryGate::forget(PromotionItemId item) {
    const std::unique_lock lock{mutex_};
    items_.erase(item);
}

void MemoryGate::apply(PromotionItemId id, const StockView& view) {
    const auto item = find(id);
    if (!item) return;
    const std::lock_guard lock{item->mutex};
    if (view.version <= item->view.version) return;
    item->view = view;
    item->note_left();
}

void MemoryGate::begin_commit(PromotionItemId id, const Commit& commit) {
    const auto item = find(id);
    if (!item) return;
    const std::lock_guard lock{item->mutex};
    item->commit = commit;
}

void MemoryGate::end_commit(PromotionItemId id, bool committed) {
    const auto item = find(id);
    if (!item) return;
    const std::lock_guard lock{item->mutex};
    item->end_commit(committed);
}

std::optional<StockView> MemoryGate::view(PromotionItemId id) const {
    const auto item = find(id);
    if (!item) return std::nullopt;
    const std::lock_guard lock{item->mutex};
    return item->view;
}

bool MemoryGate::sold_out(PromotionItemId id) const {
    const auto item = find(id);
    return item && item->empty.load(std::memory_order_acquire);
}

Task<Entry> MemoryGate::open_door(
    PromotionItemId id, UserId user, std::uint64_t nonce, Milliseconds time_to_live
) {
    const auto item = find(id);
    if (!item) co_return Entry::unknown_item;
    const std::lock_guard lock{item->mutex};
    co_return item->open(user, nonce, clock_.steady(), time_to_live);
}

void MemoryGate::leave_door(PromotionItemId id, UserId user) {
    const auto item = find(id);
    if (!item) return;
    const std::lock_guard lock{item->mutex};
    const auto lease = item->leases.find(user);
    if (lease != item->leases.end() && !lease->second.in_use) item->leases.erase(lease);
}

Task<Entry> MemoryGate::take(
    PromotionItemId id, UserId user, std::uint64_t nonce, std::int64_t units
) {
    DOORBUSTER_ASSERT(units > 0);
    const auto item = find(id);
    if (!item) co_return Entry::unknown_item;
    const std::lock_guard lock{item->mutex};
    co_return item->enter(user, nonce, units, clock_.steady());
}

Task<Entry> MemoryGate::take_offered(PromotionItemId id, UserId user, std::int64_t units) {
    DOORBUSTER_ASSERT(units > 0);
    const auto item = find(id);
    if (!item) co_return Entry::unknown_item;
    const std::lock_guard lock{item->mutex};
    co_return item->enter_offered(user, units);
}

void MemoryGate::settle(const Order& order, Outcome outcome) {
    const auto item = find(order.item);
    if (!item) return;
    const std::lock_guard lock{item->mutex};
    UnderWay& under_way = order.offered ? item->offered_under_way : item->under_way;
    under_way.settle(order.units, outcome);
    if (outcome != Outcome::placed) item->add_units(order.user, -order.units);
    if (!order.offered) item->settle_lease(order.user, outcome);
    item->note_left();
}

void MemoryGate::give_back(PromotionItemId id, UserId user, std::int64_t units) {
    const auto item = find(id);
    if (!item) return;
    const std::lock_guard lock{item->mutex};
    item->add_units(user, -units);
}

void MemoryGate::sweep() {
    std::vector<std::shared_ptr<Item>> items;
    {
        const std::shared_lock lock{mutex_};
        for (const auto& [id, item] : items_) items.push_back(item);
    }
    const Instant now = clock_.steady();
    for (const auto& item : items) {
        const std::lock_guard lock{item->mutex};
        item->end_leases(now);
    }
}

StockGate::Counts MemoryGate::counts(PromotionItemId id) const {
    const auto item = find(id);
    if (!item) return {};
    const std::lock_guard lock{item->mutex};
    return {
        static_cast<std::int64_t>(item->leases.size()),
        item->under_way.units + item->offered_under_way.units};
}

}  // namespace doorbuster::memory
