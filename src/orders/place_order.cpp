#include "core/assert.hpp"
#include "orders/errors.hpp"
#include "orders/events.hpp"
#include "orders/order_service.hpp"
#include "orders/order_store.hpp"

namespace doorbuster::orders {
namespace {

// Numbers of other processes collide once in 131,072 at most, so the second try is already rare.
constexpr int kNumberTriesMax = 8;

std::string field_of(SkuId sku) { return "skus[" + sku.to_string() + "]"; }

Result<void> check_lines(const std::vector<inventory::StockLine>& lines) {
    if (lines.empty()) return kNothingToOrder;
    if (lines.size() > OrderService::kLinesMax) return kTooManyLines;
    std::vector<ErrorDetail> wrong;
    for (const auto& line : lines) {
        if (line.quantity <= OrderService::kQuantityMax) continue;
        wrong.push_back({field_of(line.sku), std::to_string(line.quantity) + " units are asked for"}
        );
    }
    if (!wrong.empty()) return Error{kQuantityTooLarge, std::move(wrong)};
    return {};
}

Item item_of(catalog::Offer offer, std::int64_t quantity) {
    return {
        .sku = offer.sku,
        .product = offer.product,
        .title = std::move(offer.title),
        .options = std::move(offer.options),
        .sku_code = std::move(offer.sku_code),
        .image = std::move(offer.image),
        .price = offer.price,
        .quantity = quantity};
}

// Today's names and prices, all of them on sale.
Result<std::vector<Item>> read_items(
    sql::Transaction& tx, const std::vector<inventory::StockLine>& lines
) {
    std::vector<SkuId> skus;
    skus.reserve(lines.size());
    for (const auto& line : lines) skus.push_back(line.sku);
    auto offers = catalog::find_offers(tx, skus);

    std::vector<Item> items;
    items.reserve(lines.size());
    std::vector<ErrorDetail> unknown;
    std::vector<ErrorDetail> off_sale;
    for (const auto& line : lines) {
        const auto found = offers.find(line.sku);
        if (found == offers.end()) {
            unknown.push_back({field_of(line.sku), "no such SKU"});
        } else if (!found->second.on_sale) {
            off_sale.push_back({field_of(line.sku), "not on sale"});
        } else {
            items.push_back(item_of(std::move(found->second), line.quantity));
        }
    }
    if (!unknown.empty()) return Error{kSkuNotFound, std::move(unknown)};
    if (!off_sale.empty()) return Error{kSkuOffSale, std::move(off_sale)};
    return items;
}

}  // namespace

// Looks at everything before it writes anything: a refusal that has written nothing costs its
// neighbours in a group commit nothing (docs/adr/0005).
Result<Order> OrderService::place(sql::Transaction& tx, const PlaceOrder& wish) const {
    const auto allowed = check_limit(tx, wish.user);
    if (allowed.has_error()) return allowed.error();
    const auto lines = wanted_lines(tx, wish);
    const auto good = check_lines(lines);
    if (good.has_error()) return good.error();
    const auto items = read_items(tx, lines);
    if (items.has_error()) return items.error();
    auto order = draft(tx, wish, *items);
    if (order.has_error()) return order;

    const auto write_order = [&] {
        insert(tx, *order);
        return order->number;
    };
    const auto reserved = parts_.stock.reserve(tx, lines, write_order);
    if (reserved.has_error()) return reserved.error();
    store::insert_items(tx, *order, *items);
    if (!wish.lines) parts_.carts.take(tx, cart::Owner::user(wish.user), lines);
    const Actor actor = Actor::user(wish.user);
    store::insert_event(tx, *order, {"placed", actor, "", order->created_at});
    publish(tx, kOrderPlaced, *order);
    if (order->total.is_zero()) {
        pay(tx, order->number, Actor::system());
        return *store::find(tx, order->number);
    }
    return order;
}

Result<void> OrderService::check_limit(sql::Transaction& tx, UserId user) const {
    store::lock_buyer(tx, user);
    // No order older than this holds stock, but for one whose provider has been away for days.
    const Time oldest = parts_.clock.now() - OrderSettings::kUnpaidTtlMax - std::chrono::hours{24};
    const auto holding =
        store::count_holding(tx, user, first_number_at(oldest), settings_.unpaid_max);
    if (holding >= settings_.unpaid_max) return kTooManyUnpaid;
    return {};
}

std::vector<inventory::StockLine> OrderService::wanted_lines(
    sql::Transaction& tx, const PlaceOrder& wish
) const {
    if (wish.lines) return merged(*wish.lines);
    return parts_.carts.hold_selected(tx, cart::Owner::user(wish.user));
}

Result<Order> OrderService::draft(
    sql::Transaction& tx, const PlaceOrder& wish, const std::vector<Item>& items
) const {
    const auto address = parts_.addresses.get(tx, wish.user, wish.address);
    if (address.has_error()) return address.error();
    Order order;
    order.user = wish.user;
    order.items_total = items_total_of(items);
    order.freight = shipping::freight_for(settings_.freight, order.items_total);
    order.total = order.items_total + order.freight;
    if (wish.expected_total && *wish.expected_total != order.total) {
        return Error{kTotalChanged, "total", std::to_string(order.total.fen())};
    }
    order.address_json = address_json(address->fields);
    order.note = wish.note;
    order.created_at = parts_.clock.now();
    order.expires_at = order.created_at + settings_.unpaid_ttl;
    return order;
}

void OrderService::insert(sql::Transaction& tx, Order& order) const {
    for (int i = 0; i < kNumberTriesMax; ++i) {
        order.number = parts_.numbers.next(order.user);
        if (store::insert(tx, order)) return;
    }
    throw sql::Unavailable{"no free order number"};
}

}  // namespace doorbuster::orders
