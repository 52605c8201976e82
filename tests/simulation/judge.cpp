#include "simulation/judge.hpp"

#include "audit/auditor.hpp"
#include "flash_sale/model/errors.hpp"

namespace doorbuster::simulation {
namespace {

constexpr sql::Statement both(std::string_view text) { return {"simulation", text, text}; }
constexpr auto kItems = both("SELECT id, per_user_max FROM promotion_items");
constexpr auto kOrders = both(
    "SELECT o.order_no, o.user_id, i.promotion_item_id, i.quantity, CASE WHEN o.close_reason = "
    "'refunded' THEN 'refunded' ELSE o.status END "
    "FROM orders o JOIN order_items i ON i.order_no = o.order_no "
    "WHERE i.promotion_item_id IS NOT NULL ORDER BY o.order_no"
);
constexpr auto kStock = both(
    "SELECT s.item_id, s.version, s.epoch, s.open, s.opens_at, s.closes_at, s.available, "
    "s.offered, s.reserved, s.sold, "
    "(SELECT COALESCE(SUM(l.quantity), 0) FROM stock_ledger l "
    " WHERE l.promotion_item_id = s.item_id AND l.kind IN ('GRANT', 'TRANSFER', 'ADJUST')) "
    "FROM promotion_stock s ORDER BY s.item_id"
);
constexpr auto kKeys = both(
    "SELECT i.promotion_item_id, o.user_id, o.order_no, o.request_key "
    "FROM orders o JOIN order_items i ON i.order_no = o.order_no "
    "WHERE i.promotion_item_id IS NOT NULL AND o.request_key IS NOT NULL ORDER BY o.order_no"
);
constexpr auto kClaims = both(
    "SELECT order_no, SUM(CASE WHEN slot > 0 THEN 1 ELSE 0 END) FROM promotion_claims "
    "GROUP BY order_no ORDER BY order_no"
);
constexpr auto kUnresolved =
    both("SELECT COUNT(*) FROM orders WHERE status IN ('pending_payment', 'closing')");
constexpr auto kPlaces =
    both("SELECT id, item_id, user_id, state FROM promotion_waitlist ORDER BY id");
constexpr auto kOrdinaryUnits = both("SELECT SUM(available), SUM(reserved), SUM(sold) FROM stock");

bool holds_units(const std::string& status) { return status != "closed" && status != "refunded"; }
// What was paid and given back has used up its buyer's limit all the same.
bool uses_limit(const std::string& status) { return status != "closed"; }

}  // namespace

Judge::Judge(Disk& disk, Scheduler& scheduler) : disk_{disk}, scheduler_{scheduler} {
    disk_.committed().query(kItems, {}, [&](const sql::Row& row) {
        limits_.emplace(row.id<PromotionItemId>(0), row.integer(1));
    });
    committed();
}

void Judge::fail(const std::string& what) {
    if (broken_) return;
    broken_ = what;
    scheduler_.note("BROKEN " + what);
}

// ---- at every commit

void Judge::committed() {
    ++moment_;
    const auto places_before = places_;
    read_stock();
    read_places();
    read_orders();
    read_claims();
    check_units();
    check_places(places_before);
    stock_before_ = stock_;
}

void Judge::read_stock() {
    disk_.committed().query(kStock, {}, [&](const sql::Row& row) {
        Stock& stock = stock_[row.id<PromotionItemId>(0)];
        stock.view = {
            .version = row.integer(1),
            .epoch = row.integer(2),
            .open = row.boolean(3),
            .opens_at = row.time(4),
            .closes_at = row.time(5),
            .available = row.integer(6),
            .offered = row.integer(7),
            .reserved = row.integer(8),
            .sold = row.integer(9)};
        stock.granted = row.integer(10);
    });
}

void Judge::read_places() {
    disk_.committed().query(kPlaces, {}, [&](const sql::Row& row) {
        places_[row.integer(0)] = {row.id<PromotionItemId>(1), row.id<UserId>(2), row.string(3)};
    });
}

void Judge::read_orders() {
    std::size_t found = 0;
    disk_.committed().query(kOrders, {}, [&](const sql::Row& row) {
        ++found;
        const auto number = row.id<OrderNo>(0);
        const Order now{
            row.id<UserId>(1), row.id<PromotionItemId>(2), row.integer(3), row.string(4)};
        const auto known = orders_.find(number);
        if (known == orders_.end()) {
            check_new_order(number, now);
        } else if (known->second.status == "closed" && now.status != "closed") {
            fail("order " + number.to_string() + " was closed and is " + now.status);
        }
        orders_[number] = now;
    });
    if (found != orders_.size()) fail("a committed order has gone");
}

void Judge::check_new_order(OrderNo number, const Order& order) {
    const std::string name = "order " + number.to_string();
    const auto before = stock_before_.find(order.item);
    if (before == stock_before_.end()) return fail(name + " of an item that was not published");
    const StockView& view = before->second.view;
    const SimClock& clock = scheduler_.clock();
    const Time now = clock.true_now();
    if (!view.open) fail(name + " was placed while the sale was not open");
    // A process that starts with a wrong clock cannot know better.
    if (born_in_doubt_) return;
    if (now < view.opens_at) fail(name + " was placed before the sale");
    const bool behind = clock.wrong_by() < Milliseconds{0};
    if (!behind && now >= view.closes_at) fail(name + " was placed after the sale");
}

void Judge::read_claims() {
    disk_.committed().query(kKeys, {}, [&](const sql::Row& row) {
        const std::string stored = row.string(3);  // "<item>:<key>"
        const std::string key = stored.substr(stored.find(':') + 1);
        check_key({row.id<PromotionItemId>(0), row.id<UserId>(1), key}, row.id<OrderNo>(2));
    });
    std::map<OrderNo, std::int64_t> units;
    disk_.committed().query(kClaims, {}, [&](const sql::Row& row) {
        units[row.id<OrderNo>(0)] = row.integer(1);
    });
    for (const auto& [number, order] : orders_) {
        const std::string name = "order " + number.to_string();
        if (!with_key_.contains(number)) fail(name + " has no key");
        // A retry finds its order by a claim, also when that has given its units back.
        const auto claimed = units.find(number);
        if (claimed == units.end()) return fail(name + " has no claim");
        const std::int64_t live = uses_limit(order.status) ? order.units : 0;
        if (claimed->second != live) fail(name + " has other units than claims");
    }
}

void Judge::check_key(const KeyId& id, OrderNo number) {
    KeyLife& life = keys_[id];
    const auto& [item, user, key] = id;
    if (life.order) {
        if (*life.order != number) fail("key " + key + " has two orders");
        return;
    }
    life.order = number;
    life.placed = moment_;
    if (!with_key_.insert(number).second) fail("order " + number.to_string() + " has two keys");
    const auto order = orders_.find(number);
    if (order == orders_.end()) return fail("key " + key + " names no order");
    if (order->second.user != user || order->second.item != item) {
        fail("key " + key + " names the order of someone else");
    }
    const std::int64_t epoch = stock_before_[item].view.epoch;
    bool meant = false;
    for (const Attempt& attempt : life.attempts) {
        const bool valid = attempt.offered || attempt.epoch == epoch;
        meant = meant || (valid && attempt.units == order->second.units);
    }
    if (!meant) fail("no request asked for order " + number.to_string() + " as it is");
    check_refusals(id, life);
}

// A client that was refused, and of which nothing arrived after that, must have no order.
void Judge::check_refusals(const KeyId& id, const KeyLife& life) {
    if (!life.order) return;
    for (const std::int64_t refused : life.refused) {
        bool asked_again = false;
        for (const Attempt& attempt : life.attempts) {
            asked_again =
                asked_again || (attempt.arrived > refused && attempt.arrived < life.placed);
        }
        if (!asked_again) fail("key " + std::get<2>(id) + " was refused and has an order");
    }
}

void Judge::check_units() {
    std::map<std::pair<PromotionItemId, UserId>, std::int64_t> of_user;
    std::map<PromotionItemId, std::int64_t> live;
    std::map<PromotionItemId, std::int64_t> paid;
    for (const auto& [number, order] : orders_) {
        if (uses_limit(order.status)) of_user[{order.item, order.user}] += order.units;
        if (!holds_units(order.status)) continue;
        live[order.item] += order.units;
        if (order.status == "paid") paid[order.item] += order.units;
    }
    for (const auto& [who, units] : of_user) {
        if (units > limits_.at(who.first)) {
            fail(
                "user " + who.second.to_string() + " has " + std::to_string(units) + " units of " +
                "item " + who.first.to_string()
            );
        }
    }
    for (const auto& [item, stock] : stock_) {
        const std::string name = "item " + item.to_string();
        if (live[item] > stock.granted) {
            fail(
                name + " has sold " + std::to_string(live[item]) + " of " +
                std::to_string(stock.granted)
            );
        }
        if (live[item] != stock.view.reserved + stock.view.sold) {
            fail(name + " counts other units than its orders have");
        }
        if (paid[item] != stock.view.sold) fail(name + " counts other units than were paid");
        if (stock.view.granted() != stock.granted) {
            fail(
                name + " has " + std::to_string(stock.view.granted()) + " units of " +
                std::to_string(stock.granted)
            );
        }
    }
}

void Judge::check_places(const std::map<std::int64_t, Place>& before) {
    std::map<PromotionItemId, std::int64_t> first_waiting;
    std::map<PromotionItemId, std::int64_t> offered;
    for (const auto& [id, place] : places_) {
        if (place.state == "waiting") first_waiting.try_emplace(place.item, id);
        if (place.state == "offered") ++offered[place.item];
    }
    for (const auto& [id, place] : places_) {
        if (place.state != "offered") continue;
        const auto was = before.find(id);
        if (was != before.end() && was->second.state == "offered") continue;
        const auto first = first_waiting.find(place.item);
        if (first != first_waiting.end() && first->second < id) {
            fail(
                "place " + std::to_string(id) + " was offered a unit before place " +
                std::to_string(first->second)
            );
        }
    }
    for (const auto& [item, stock] : stock_) {
        if (stock.view.offered != offered[item]) {
            fail(
                "item " + item.to_string() + " keeps " + std::to_string(stock.view.offered) +
                " units for " + std::to_string(offered[item]) + " offers"
            );
        }
    }
}

// ---- requests and answers

Judge::KeyId Judge::id_of(const Request& request) {
    return {request.item, request.user, request.key};
}

std::int64_t Judge::arrived(const Request& request) {
    ++moment_;
    if (request.ask == Ask::order || request.ask == Ask::claim) {
        const bool offered = request.ask == Ask::claim;
        keys_[id_of(request)].attempts.push_back(
            {moment_, request.nonce, request.epoch, request.units, offered}
        );
    }
    enters(request);
    return moment_;
}

std::int64_t Judge::replied(const Request& request, const Reply& reply, const StockGate& gate) {
    ++moment_;
    leaves(request, reply, gate);
    ++answers_
        [std::string{to_string(request.ask)} + ' ' +
         (reply.ok() ? (reply.replayed ? "again" : "ok") : std::string{reply.error->name})];
    if (request.ask != Ask::order && request.ask != Ask::claim) return moment_;
    const KeyLife& life = keys_[id_of(request)];
    // "Nothing was done", says this answer.
    const bool alone = life.attempts.size() == 1;
    if (reply.is(flash_sale::kBusy) && alone && life.order) {
        fail("key " + request.key + " was told that nothing was done and has an order");
    }
    if (reply.ok()) {
        if (life.order != reply.order) fail("answered before the commit: key " + request.key);
        if (reply.replayed || request.ask == Ask::claim) return moment_;
        if (!used_.insert(request.nonce).second) fail("a token was used twice: key " + request.key);
        const auto lease = leases_.find({request.item, request.user});
        if (lease == leases_.end() ||
            (lease->second.first != request.nonce && lease->second.second < request.arrival)) {
            fail("an order with a lease that was not out: key " + request.key);
        }
    }
    return moment_;
}

void Judge::told(const Request& request, const Reply& reply) {
    if (request.ask != Ask::order && request.ask != Ask::claim) return;
    KeyLife& life = keys_[id_of(request)];
    if (reply.try_again()) return;
    if (!reply.ok()) {
        life.refused.push_back(reply.sent);
        // Placed before the answer was sent, or by what had arrived before it.
        if (life.order && life.placed < reply.sent)
            fail("key " + request.key + " was refused and has an order");
        return check_refusals(id_of(request), life);
    }
    if (life.told && *life.told != reply.order) fail("key " + request.key + " was told two orders");
    life.told = reply.order;
    told_.emplace(reply.order, Order{request.user, request.item, request.units, {}});
}

void Judge::token_given(
    const Request& request, const Reply& reply, StockGate& gate, std::int64_t door
) {
    leases_[{request.item, request.user}] = {reply.nonce, moment_};
    const std::int64_t out = gate.counts(request.item).leases;
    // An end that the gate has not been told of yet leaves it the old number for a moment.
    const auto view = gate.view(request.item);
    const std::int64_t granted = std::max(stock_[request.item].granted, view ? view->granted() : 0);
    if (out > door * granted) {
        fail("item " + request.item.to_string() + " has " + std::to_string(out) + " leases out");
    }
}

// ---- at rest

bool Judge::is_quiet() {
    const auto count = [](const sql::Row& row) { return row.integer(0); };
    if (disk_.committed().find(kUnresolved, {}, count) != 0) return false;
    for (const auto& [id, place] : places_) {
        if (place.state == "offered") return false;
    }
    return true;
}

void Judge::check_orders_at_rest(const PaymentSide& payments) {
    for (const auto& [number, told] : told_) {
        const auto order = orders_.find(number);
        const std::string name = "order " + number.to_string();
        if (order == orders_.end()) {
            fail(name + " was told and is lost");
        } else if (order->second.user != told.user || order->second.item != told.item ||
                   order->second.units != told.units) {
            fail(name + " is not what was told");
        }
    }
    using State = PaymentSide::State;
    for (const auto& [number, order] : orders_) {
        const bool paid = payments.state(number.to_string()) == State::paid;
        if (paid != (order.status == "paid" || order.status == "refunded")) {
            fail(
                "order " + number.to_string() + " is " + order.status +
                ", paid: " + (paid ? "yes" : "no")
            );
        }
    }
}

void Judge::check_gate(StockGate& gate) {
    for (const auto& [item, stock] : stock_) {
        const auto view = gate.view(item);
        if (!view) continue;  // over
        const std::string name = "the gate of item " + item.to_string();
        if (view->version != stock.view.version || view->free() != stock.view.free() ||
            view->open != stock.view.open || view->epoch != stock.view.epoch) {
            fail(
                name + " is behind the database: version " + std::to_string(view->version) +
                ", free " + std::to_string(view->free())
            );
        }
        const auto counts = gate.counts(item);
        if (counts.under_way != 0) fail(name + " has units under way at rest");
        if (counts.leases != 0) fail(name + " has leases out at rest");
        if (gate.sold_out(item) != (stock.view.free() <= 0)) fail(name + " is wrong on sold out");
    }
    for (const auto& [id, place] : places_) {
        const StockView& view = stock_[place.item].view;
        const bool sells = view.open && scheduler_.clock().now() < view.closes_at;
        if (place.state == "waiting" && sells && view.free() > 0) {
            fail("place " + std::to_string(id) + " waits while units are free");
        }
    }
}

void Judge::check_ended(std::int64_t units_at_start, bool rehearsal) {
    std::int64_t sold = 0;
    for (const auto& [item, stock] : stock_) {
        const StockView& view = stock.view;
        if (view.available != 0 || view.reserved != 0) {
            fail("item " + item.to_string() + " has kept units after its end");
        }
        sold += view.sold;
    }
    for (const auto& [id, place] : places_) {
        if (place.state == "waiting" || place.state == "offered") {
            fail("place " + std::to_string(id) + " is " + place.state + " after the end");
        }
    }
    const auto ordinary = disk_.committed().find(kOrdinaryUnits, {}, [](const sql::Row& row) {
        return row.integer(0) + row.integer(1) + row.integer(2);
    });
    // The units of a rehearsal come from nowhere.
    const std::int64_t gone = rehearsal ? 0 : sold;
    if (ordinary != units_at_start - gone) fail("units were lost or made");
}

void Judge::check_audit() {
    const Time now = scheduler_.clock().true_now();
    for (const auto& verdict : audit::audit(disk_.committed(), now)) {
        // Payments are played by hand here and leave no rows.
        if (verdict.rule->query->name == "audit.paid_orders_have_their_payment") continue;
        for (const auto& finding : verdict.findings) {
            fail(std::string{verdict.rule->id} + ' ' + finding.subject + ": " + finding.what);
        }
    }
}

std::string Judge::summary() const {
    std::string text;
    for (const auto& [item, stock] : stock_) {
        const StockView& view = stock.view;
        text += " item " + item.to_string() + ' ' + std::to_string(view.available) + '/' +
                std::to_string(view.reserved) + '/' + std::to_string(view.sold) + " version " +
                std::to_string(view.version);
    }
    for (const auto& [number, order] : orders_) {
        text += ' ' + number.to_string() + ' ' + order.status;
    }
    return text;
}

std::vector<PromotionItemId> Judge::open_items() {
    std::vector<PromotionItemId> open;
    const Time now = scheduler_.clock().now();
    for (const auto& [item, stock] : stock_) {
        const StockView& view = stock.view;
        const bool live = view.open && view.opens_at <= now && now < view.closes_at;
        if (live && view.free() > 0) open.push_back(item);
    }
    return open;
}

std::int64_t Judge::live_units(PromotionItemId item, UserId user) const {
    std::int64_t units = 0;
    for (const auto& [number, order] : orders_) {
        if (order.item == item && order.user == user && uses_limit(order.status)) {
            units += order.units;
        }
    }
    return units;
}

}  // namespace doorbuster::simulation
