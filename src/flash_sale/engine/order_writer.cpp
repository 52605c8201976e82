#include "flash_sale/engine/order_writer.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_set>

#include "catalog/store/offer_lookup.hpp"
#include "core/assert.hpp"
#include "core/planted.hpp"
#include "flash_sale/engine/rehearsal_buyers.hpp"
#include "flash_sale/model/errors.hpp"
#include "flash_sale/model/gate_notice.hpp"
#include "flash_sale/model/stock_store.hpp"
#include "orders/errors.hpp"
#include "orders/order_queries.hpp"
#include "shipping/errors.hpp"

namespace doorbuster::flash_sale {
namespace {

// One item of a batch: what the database holds, and what this batch takes of it.
struct ItemBatch {
    const SaleItem* item = nullptr;
    std::vector<std::size_t> requests;  // places in the batch, in order of arrival
    std::optional<StockView> view;
    std::unordered_map<UserId, claims::UserClaims> claims;
    std::unordered_set<UserId> rehearsal_buyers;  // looked up for a rehearsal only
    std::optional<catalog::Offer> offer;
    std::int64_t units = 0;    // of free ones
    std::int64_t offered = 0;  // of those kept for the waitlist
    std::int64_t epoch = 0;
};

// What will be written for one request.
struct Accepted {
    std::size_t request = 0;
    std::vector<std::int64_t> slots;
    std::optional<WaitlistId> offer;
};

}  // namespace

// One transaction's work, from reading to writing. Lives for one call.
class OrderWriting {
public:
    OrderWriting(
        const OrderWriter::Parts& parts,
        Milliseconds unpaid_ttl,
        sql::Transaction& tx,
        std::span<const OrderRequest* const> requests
    )
        : parts_{parts},
          unpaid_ttl_{unpaid_ttl},
          tx_{tx},
          requests_{requests},
          now_{parts.clock.now()},
          sale_now_{parts.sale_clock.now()},
          outcomes_(requests.size(), Result<PlacedOrder>{kNotFound}) {}

    std::optional<OrderWriter::Outcomes> run(bool lock_first) {
        group();
        // A run before this one may have been rolled back after it had announced its commit.
        for (const auto& [id, batch] : items_) parts_.gate.end_commit(id, false);
        read(lock_first);
        for (std::size_t i = 0; i < requests_.size(); ++i) decide(i);
        answer_replays();
        if (!write()) return std::nullopt;
        return std::move(outcomes_);
    }

private:
    const OrderRequest& request(std::size_t i) const { return *requests_[i]; }

    void group() {
        for (std::size_t i = 0; i < requests_.size(); ++i) {
            ItemBatch& batch = items_[request(i).item->id];
            batch.item = request(i).item.get();
            batch.requests.push_back(i);
        }
    }

    bool takes_offers() const {
        return std::any_of(requests_.begin(), requests_.end(), [](const OrderRequest* request) {
            return request->offered && !request->replay_only;
        });
    }

    // Items in the order of their ids, so that two batches never wait for each other in a circle.
    void read(bool lock_first) {
        // Offers change under the lock of the item's row only, see Waitlist: theirs come after it.
        // And with one item locked early, all are, for the sake of the order.
        const bool lock = lock_first || takes_offers();
        std::vector<AddressId> addresses;
        for (auto& [id, batch] : items_) {
            batch.view = lock ? stock::lock(tx_, id) : stock::find(tx_, id);
            std::vector<UserId> users;
            for (const std::size_t i : batch.requests) {
                users.push_back(request(i).user);
                if (!request(i).replay_only) addresses.push_back(request(i).address);
            }
            batch.claims = claims::of_users(tx_, id, users);
            if (batch.item->shadow) batch.rehearsal_buyers = rehearsal_buyers_among(tx_, users);
            const SkuId sku = batch.item->terms.sku;
            auto offers = catalog::find_offers(tx_, std::span{&sku, 1});
            if (const auto found = offers.find(sku); found != offers.end()) {
                batch.offer = std::move(found->second);
            }
        }
        if (!addresses.empty()) addresses_ = parts_.addresses.find_many(tx_, addresses);
    }

    void decide(std::size_t i) {
        const OrderRequest& wanted = request(i);
        ItemBatch& batch = items_.at(wanted.item->id);
        claims::UserClaims& mine = batch.claims[wanted.user];
        const bool look = !planted(Bug::retry_not_looked_up);
        if (const auto* known = look ? mine.find(wanted.key.key) : nullptr) {
            replay(i, *known);
            return;
        }
        if (wanted.replay_only) return;  // kNotFound stands
        Accepted accepted{i, {}, std::nullopt};
        const auto allowed = check(wanted, batch, mine, accepted);
        if (allowed.has_error()) {
            outcomes_[i] = allowed.error();
            return;
        }
        accept(std::move(accepted), batch, mine);
    }

    void replay(std::size_t i, const claims::UserClaims::Known& known) {
        if (known.request.fingerprint != request(i).key.fingerprint) {
            outcomes_[i] = kIdempotencyMismatch;
        } else {
            replays_.emplace_back(i, known.order);
        }
    }

    // Cheapest and most final first. What the gate has checked before is checked here again: this
    // is what counts.
    Result<void> check(
        const OrderRequest& wanted,
        const ItemBatch& batch,
        const claims::UserClaims& mine,
        Accepted& accepted
    ) const {
        if (!batch.view) return kItemNotFound;
        const bool stranger = batch.item->shadow && !batch.rehearsal_buyers.contains(wanted.user);
        if (stranger) return kItemNotFound;
        const StockView& view = *batch.view;
        if (const auto in_window = check_window(view); in_window.has_error()) return in_window;
        if (!view.open) return batch.item->ended ? kEnded : kPaused;
        const bool of_epoch = wanted.epoch == view.epoch || planted(Bug::epoch_not_checked);
        if (!wanted.offered && !of_epoch) return kTokenExpired;
        const bool too_many = mine.live() + wanted.units > batch.item->terms.per_user_max;
        if (too_many && !planted(Bug::limit_not_checked_at_commit)) return kLimitReached;
        if (wanted.offered) {
            accepted.offer = parts_.waitlist.open_offer(tx_, batch.item->id, wanted.user);
            if (!accepted.offer || taken_offers_.contains(*accepted.offer)) return kNoOffer;
            DOORBUSTER_ASSERT(wanted.units == 1);  // an offer is of one unit
        } else if (view.free() - batch.units < wanted.units) {
            return kSoldOut;
        }
        const auto address = addresses_.find(wanted.address);
        const bool own = address != addresses_.end() && address->second.owner == wanted.user;
        if (!own) return shipping::kAddressNotFound;
        if (!batch.offer || !batch.offer->on_sale) return orders::kSkuOffSale;
        return {};
    }

    Result<void> check_window(const StockView& view) const {
        if (planted(Bug::window_not_checked_at_commit)) return {};
        if (sale_now_ < view.opens_at) return kNotOpen;
        if (sale_now_ >= view.closes_at) return kEnded;
        return {};
    }

    void accept(Accepted accepted, ItemBatch& batch, claims::UserClaims& mine) {
        const OrderRequest& wanted = request(accepted.request);
        (wanted.offered ? batch.offered : batch.units) += wanted.units;
        batch.epoch = batch.view->epoch;
        accepted.slots = mine.free_slots(wanted.units);
        // The next request of this user, or with this key, sees what this one took.
        mine.slots.insert(mine.slots.end(), accepted.slots.begin(), accepted.slots.end());
        std::sort(mine.slots.begin(), mine.slots.end());
        // Its number is not known yet; a twin in this batch is answered after the write.
        mine.requests.push_back({OrderNo{}, wanted.key});
        if (accepted.offer) taken_offers_.insert(*accepted.offer);
        accepted_.push_back(std::move(accepted));
    }

    // Orders that were placed before this batch.
    void answer_replays() {
        for (const auto& [i, number] : replays_) {
            if (number == OrderNo{}) continue;  // placed by this batch
            const auto order = orders::get_order(tx_, std::nullopt, number);
            DOORBUSTER_ASSERT(order.has_value());  // a claim names an order
            outcomes_[i] = PlacedOrder{number, order->order.total, order->order.expires_at, true};
        }
    }

    bool write() {
        if (accepted_.empty()) return true;
        sort_by_index_keys();
        std::vector<orders::PromotedOrder> placed = drafts();
        if (!parts_.orders.place_promoted(tx_, placed)) return false;
        if (!write_claims(placed)) return false;
        if (!take_offers(placed)) return false;
        note_reserved(placed);
        if (!take_units()) return false;
        answer(placed);
        return true;
    }

    // Secondary indexes are what a batch costs most: their entries come in rising order.
    void sort_by_index_keys() {
        const auto key_of = [&](const Accepted& accepted) {
            const OrderRequest& wanted = request(accepted.request);
            return std::tuple{wanted.item->id, wanted.user, accepted.slots.front()};
        };
        std::sort(accepted_.begin(), accepted_.end(), [&](const auto& a, const auto& b) {
            return key_of(a) < key_of(b);
        });
    }

    std::vector<orders::PromotedOrder> drafts() const {
        std::vector<orders::PromotedOrder> placed;
        placed.reserve(accepted_.size());
        for (const Accepted& accepted : accepted_) {
            const OrderRequest& wanted = request(accepted.request);
            const catalog::Offer& offer = *items_.at(wanted.item->id).offer;
            orders::PromotedOrder draft;
            draft.order.user = wanted.user;
            draft.order.address_json = orders::address_json(addresses_.at(wanted.address).fields);
            draft.order.created_at = now_;
            draft.order.expires_at = now_ + unpaid_ttl_;
            draft.item = {
                .sku = offer.sku,
                .product = offer.product,
                .title = offer.title,
                .options = offer.options,
                .sku_code = offer.sku_code,
                .image = offer.image,
                .price = wanted.item->terms.price,
                .quantity = wanted.units,
                .promotion = wanted.item->id};
            draft.request_key = claims::stored_key(wanted.item->id, wanted.key.key);
            draft.request_fingerprint = wanted.key.fingerprint;
            placed.push_back(std::move(draft));
        }
        return placed;
    }

    bool write_claims(const std::vector<orders::PromotedOrder>& placed) {
        std::vector<claims::NewClaim> rows;
        for (std::size_t k = 0; k < accepted_.size(); ++k) {
            const OrderRequest& wanted = request(accepted_[k].request);
            for (const std::int64_t slot : accepted_[k].slots) {
                rows.push_back({wanted.item->id, wanted.user, slot, placed[k].order.number});
            }
        }
        return claims::insert(tx_, rows);
    }

    bool take_offers(const std::vector<orders::PromotedOrder>& placed) {
        for (std::size_t k = 0; k < accepted_.size(); ++k) {
            const auto& offer = accepted_[k].offer;
            if (!offer || planted(Bug::offer_stays_open)) continue;
            if (!parts_.waitlist.take(tx_, *offer, placed[k].order.number)) return false;
        }
        return true;
    }

    void note_reserved(const std::vector<orders::PromotedOrder>& placed) {
        std::vector<inventory::PromotedMovement> rows;
        rows.reserve(placed.size());
        for (const auto& draft : placed) {
            const orders::Item& item = draft.item;
            rows.push_back({item.sku, *item.promotion, item.quantity, draft.order.number});
        }
        parts_.stock.note_promoted(tx_, "RESERVE", rows);
    }

    // The last statements, so that on PostgreSQL the hot rows are locked for the shortest time.
    bool take_units() {
        for (auto& [id, batch] : items_) {
            if (batch.units + batch.offered == 0) continue;
            const bool any_time = planted(Bug::window_not_checked_at_commit);
            const Time at = any_time ? batch.view->opens_at : sale_now_;
            const auto view = stock::reserve(tx_, id, batch.units, batch.offered, batch.epoch, at);
            if (!view) return false;
            parts_.gate.begin_commit(id, {view->version, batch.units, batch.offered});
            tell_gate(tx_, parts_.gate, id, *view);
            tx_.after_commit([&gate = parts_.gate, item = id] { gate.end_commit(item, true); });
        }
        return true;
    }

    void answer(const std::vector<orders::PromotedOrder>& placed) {
        for (std::size_t k = 0; k < accepted_.size(); ++k) {
            const orders::Order& order = placed[k].order;
            const std::size_t whose = planted(Bug::answers_mixed_up)
                                          ? accepted_[placed.size() - 1 - k].request
                                          : accepted_[k].request;
            outcomes_[whose] = PlacedOrder{order.number, order.total, order.expires_at, false};
        }
        for (const auto& [i, number] : replays_) {
            if (number == OrderNo{}) outcomes_[i] = twin_of(i);
        }
    }

    // The answer of the request in this batch that had the same user, item and key.
    Result<PlacedOrder> twin_of(std::size_t i) const {
        const OrderRequest& again = request(i);
        for (const Accepted& accepted : accepted_) {
            const OrderRequest& first = request(accepted.request);
            const bool same = first.item->id == again.item->id && first.user == again.user &&
                              first.key.key == again.key.key;
            if (!same) continue;
            auto outcome = outcomes_[accepted.request];
            outcome->replayed = true;
            return outcome;
        }
        DOORBUSTER_ASSERT(false && "a replay of this batch without its first request");
        return kNotFound;
    }

    const OrderWriter::Parts& parts_;
    const Milliseconds unpaid_ttl_;
    sql::Transaction& tx_;
    const std::span<const OrderRequest* const> requests_;
    const Time now_;
    const Time sale_now_;

    std::map<PromotionItemId, ItemBatch> items_;
    std::unordered_map<AddressId, shipping::AddressService::Owned> addresses_;
    std::vector<Accepted> accepted_;
    std::vector<std::pair<std::size_t, OrderNo>> replays_;
    std::unordered_set<WaitlistId> taken_offers_;
    OrderWriter::Outcomes outcomes_;
};

std::optional<OrderWriter::Outcomes> OrderWriter::write(
    sql::Transaction& tx, std::span<const OrderRequest* const> requests, bool lock_first
) const {
    return OrderWriting{parts_, unpaid_ttl_, tx, requests}.run(lock_first);
}

void OrderWriter::not_committed(std::span<const OrderRequest* const> requests) const {
    std::unordered_set<PromotionItemId> items;
    for (const OrderRequest* request : requests) items.insert(request->item->id);
    for (const PromotionItemId item : items) parts_.gate.end_commit(item, false);
}

}  // namespace doorbuster::flash_sale
