#include "flash_sale/waitlist/waitlist.hpp"

#include <algorithm>
#include <map>

#include "core/assert.hpp"
#include "core/planted.hpp"
#include "flash_sale/model/errors.hpp"
#include "flash_sale/model/gate_notice.hpp"
#include "flash_sale/model/stock_store.hpp"
#include "flash_sale/waitlist/sql.hpp"

namespace doorbuster::flash_sale {

namespace queries = waitlist::queries;

namespace {

Waitlist::Entry entry_of(const sql::Row& row) {
    return {
        .id = row.id<WaitlistId>(0),
        .offered = row.text(1) == "offered",
        .ahead = row.integer(4),
        .joined_at = row.time(2),
        .offered_until = row.optional_time(3)};
}

std::optional<Waitlist::Entry> find_place(sql::Reader& reader, PromotionItemId item, UserId user) {
    return reader.find(queries::find_place, {item, user}, entry_of);
}

bool is_over(const Waitlist::Entry& entry, Time now) {
    return entry.offered && *entry.offered_until <= now;
}

// Units can be offered now: who gets one can order it.
bool sells(const StockView& view, Time now) { return view.open && now < view.closes_at; }

Result<void> check_joinable(
    const StockView& view, const Waitlist::Counts& counts, Time now, std::int64_t places_max
) {
    if (now >= view.closes_at) return kEnded;
    if (!view.open) return kPaused;
    if (view.free() > 0 && counts.waiting == 0) return kNotSoldOut;
    if (counts.waiting + counts.offered >= places_max) return kWaitlistFull;
    return {};
}

// Only ever called as a planted bug: who came last is served first.
StockView offer_backwards(
    sql::Transaction& tx, PromotionItemId item, const StockView& view, Time until
) {
    static constexpr std::string_view kText =
        "UPDATE promotion_waitlist SET state = 'offered', offered_until = $3 WHERE id IN ("
        "SELECT id FROM promotion_waitlist WHERE item_id = $1 AND state = 'waiting' "
        "ORDER BY id DESC LIMIT $2)";
    static constexpr sql::Statement kBackwards{"flash_sale.planted", kText, kText};
    const auto offers = tx.execute(kBackwards, {item, view.free(), until});
    return offers == 0 ? view : stock::offer(tx, item, offers);
}

}  // namespace

Result<Waitlist::Joined> Waitlist::join(sql::Transaction& tx, PromotionItemId item, UserId user)
    const {
    auto view = stock::lock(tx, item);
    if (!view) return kItemNotFound;
    const Time now = clock_.now();
    const auto place = find_place(tx, item, user);
    if (place && !is_over(*place, now)) return Joined{*place, true};

    const auto joinable = check_joinable(*view, counts(tx, item), now, settings_.places_max);
    if (joinable.has_error()) return joinable.error();
    if (place && tx.execute(queries::pass_offer, {place->id, now}) == 1) {
        view = keep_fewer(tx, item, 1);  // theirs has ended: it goes to the head of the line
    }
    tx.execute(queries::insert_place, {item, user, now});
    offer_free(tx, item, *view);
    return Joined{*find_place(tx, item, user), false};
}

Result<Waitlist::Entry> Waitlist::find(sql::Reader& reader, PromotionItemId item, UserId user)
    const {
    const auto place = find_place(reader, item, user);
    if (!place || is_over(*place, clock_.now())) return kNotWaiting;
    return *place;
}

Result<void> Waitlist::leave(sql::Transaction& tx, PromotionItemId item, UserId user) const {
    // The lock comes first: until then a waiting place may become an offered one.
    if (!stock::lock(tx, item)) return kNotWaiting;
    const auto place = find_place(tx, item, user);
    if (!place) return kNotWaiting;
    const auto state = place->offered ? "offered" : "waiting";
    if (tx.execute(queries::leave_place, {place->id, state}) == 0) return kNotWaiting;
    if (place->offered) offer_free(tx, item, keep_fewer(tx, item, 1));
    return {};
}

Waitlist::Counts Waitlist::counts(sql::Reader& reader, PromotionItemId item) const {
    const auto counts_of = [](const sql::Row& row) {
        return Counts{row.integer(0), row.integer(1)};
    };
    return *reader.find(queries::count_places, {item}, counts_of);
}

StockView Waitlist::offer_free(sql::Transaction& tx, PromotionItemId item, const StockView& view)
    const {
    const Time now = clock_.now();
    if (view.free() <= 0 || !sells(view, now)) return view;
    const Time until = std::min(now + settings_.offer_for, view.closes_at);
    if (planted(Bug::offers_out_of_order)) return offer_backwards(tx, item, view, until);
    const auto offers = tx.execute(queries::offer_places, {item, view.free(), until});
    if (offers == 0 || planted(Bug::offered_units_not_kept)) return view;
    const StockView changed = stock::offer(tx, item, offers);
    tell_gate(tx, gate_, item, changed);
    return changed;
}

std::optional<WaitlistId> Waitlist::open_offer(
    sql::Reader& reader, PromotionItemId item, UserId user
) const {
    const auto id_of = [](const sql::Row& row) { return row.id<WaitlistId>(0); };
    return reader.find(queries::find_open_offer, {item, user, clock_.now()}, id_of);
}

std::vector<Waitlist::Offer> Waitlist::open_offers(sql::Reader& reader, PromotionItemId item)
    const {
    return reader.all(queries::list_open_offers, {item, clock_.now()}, [](const sql::Row& row) {
        return Offer{row.id<UserId>(0), row.time(1)};
    });
}

bool Waitlist::take(sql::Transaction& tx, WaitlistId offer, OrderNo order) const {
    return tx.execute(queries::take_offer, {offer, order}) == 1;
}

bool Waitlist::pass_due(sql::Transaction& tx, std::int64_t limit) const {
    // By item, rising: two of these at once lock the stock rows in one order.
    std::map<PromotionItemId, std::vector<WaitlistId>> due;
    std::int64_t found = 0;
    tx.query(queries::list_due_offers, {clock_.now(), limit}, [&](const sql::Row& row) {
        due[row.id<PromotionItemId>(0)].push_back(row.id<WaitlistId>(1));
        ++found;
    });
    for (const auto& [item, offers] : due) pass(tx, item, offers);
    return found == limit;
}

bool Waitlist::any_due(sql::Reader& reader) const {
    const auto yes = [](const sql::Row&) { return true; };
    return reader.find(queries::list_due_offers, {clock_.now(), 1}, yes).has_value();
}

void Waitlist::pass(
    sql::Transaction& tx, PromotionItemId item, const std::vector<WaitlistId>& offers
) const {
    const auto view = stock::lock(tx, item);
    DOORBUSTER_ASSERT(view.has_value());
    const Time now = clock_.now();
    // Nobody can order in a pause, so it costs nobody an offer.
    const bool paused = !view->open && now < view->closes_at;
    std::int64_t changed = 0;
    for (const WaitlistId offer : offers) {
        if (paused) {
            const Time until = std::min(now + settings_.offer_for, view->closes_at);
            changed += tx.execute(queries::prolong_offer, {offer, now, until});
        } else {
            changed += tx.execute(queries::pass_offer, {offer, now});
        }
    }
    if (changed == 0) return;
    // A new version in any case: whoever tells of offers looks when the counters move.
    const StockView kept = keep_fewer(tx, item, paused ? 0 : changed);
    offer_free(tx, item, kept);
}

StockView Waitlist::keep_fewer(sql::Transaction& tx, PromotionItemId item, std::int64_t units)
    const {
    const StockView view = stock::offer(tx, item, -units);
    tell_gate(tx, gate_, item, view);
    return view;
}

StockView Waitlist::close(sql::Transaction& tx, PromotionItemId item, const StockView& view) const {
    tx.execute(queries::close_places, {item});
    if (view.offered == 0) return view;
    return keep_fewer(tx, item, view.offered);
}

}  // namespace doorbuster::flash_sale
