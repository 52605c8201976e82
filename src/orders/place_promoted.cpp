#include "core/assert.hpp"
#include "orders/events.hpp"
#include "orders/order_service.hpp"
#include "orders/order_store.hpp"

// Orders of a flash sale, many in one transaction: one statement per table instead of one per row.
namespace doorbuster::orders {
namespace {

struct Told {
    std::string key;
    std::string payload;
};

std::vector<Told> placed_events(std::span<const PromotedOrder> orders) {
    std::vector<Told> told;
    told.reserve(orders.size());
    for (const PromotedOrder& placed : orders) {
        const Order& order = placed.order;
        const OrderEvent event{
            order.number, order.user, std::string{to_string(order.status)}, order.total, ""};
        told.push_back({order.number.to_string(), event.to_json()});
    }
    return told;
}

}  // namespace

Money OrderService::promoted_total(const Item& item) const {
    const Money subtotal = item.subtotal();
    return subtotal + shipping::freight_for(settings_.freight, subtotal);
}

bool OrderService::place_promoted(sql::Transaction& tx, std::span<PromotedOrder> orders) const {
    if (orders.empty()) return true;
    std::vector<const Order*> rows;
    std::vector<const Item*> items;
    std::vector<std::string> actors;
    std::vector<store::Request> requests;
    rows.reserve(orders.size());
    items.reserve(orders.size());
    actors.reserve(orders.size());
    requests.reserve(orders.size());
    for (PromotedOrder& placed : orders) {
        Order& order = placed.order;
        DOORBUSTER_ASSERT(placed.item.promotion && !placed.item.price.is_zero());
        order.number = parts_.numbers.next(order.user);
        order.items_total = placed.item.subtotal();
        order.total = promoted_total(placed.item);
        order.freight = order.total - order.items_total;
        rows.push_back(&order);
        items.push_back(&placed.item);
        actors.push_back(Actor::user(order.user).name());
        requests.push_back({placed.request_key, placed.request_fingerprint});
    }
    if (!store::insert_many(tx, rows, requests)) return false;
    store::insert_one_item_each(tx, rows, items);
    store::insert_placed_events(tx, rows, actors);

    const std::vector<Told> told = placed_events(orders);
    std::vector<events::Outbox::Entry> entries;
    entries.reserve(told.size());
    for (const Told& event : told) entries.push_back({event.key, event.payload});
    parts_.outbox.append_many(tx, kOrderPlaced, entries);
    return true;
}

}  // namespace doorbuster::orders
