#include "orders/order_service.hpp"

#include "core/assert.hpp"
#include "orders/errors.hpp"
#include "orders/events.hpp"
#include "orders/order_store.hpp"

namespace doorbuster::orders {
namespace {

// An order changes about five times in its life, so nobody loses this often.
constexpr int kTriesMax = 8;

std::string_view topic_of(Status status) {
    switch (status) {
        case Status::pending_payment:
            return kOrderPlaced;
        case Status::closing:
            return {};  // nothing has been decided yet
        case Status::closed:
            return kOrderClosed;
        case Status::paid:
            return kOrderPaid;
        case Status::shipped:
            return kOrderShipped;
        case Status::completed:
            return kOrderCompleted;
    }
    return {};
}

}  // namespace

OrderService::OrderService(Parts parts, OrderSettings settings)
    : parts_{parts}, settings_{settings} {
    DOORBUSTER_ASSERT(settings_.unpaid_ttl <= OrderSettings::kUnpaidTtlMax);
}

Result<Order> OrderService::change(sql::Transaction& tx, OrderNo number, const Decide& decide)
    const {
    for (int i = 0; i < kTriesMax; ++i) {
        const auto before = store::lock(tx, number);
        if (!before) return kOrderNotFound;
        auto decision = decide(*before);
        if (decision.has_error()) return decision.error();
        if (!*decision) return *before;
        Change& change = **decision;
        const store::Happening happening{
            change.kind, change.actor, change.detail, parts_.clock.now()};
        if (!store::replace(tx, *before, change.after, happening)) continue;
        take_effect(tx, *before, change.after);
        return std::move(change.after);
    }
    throw sql::Unavailable{"order " + number.to_string() + " keeps changing"};
}

// Held units are resolved exactly when the order leaves the states that hold them.
void OrderService::take_effect(sql::Transaction& tx, const Order& before, const Order& after)
    const {
    if (before.status == after.status) return;
    if (holds_stock(before.status) && !holds_stock(after.status)) {
        resolve_units(tx, after);
    }
    const std::string_view topic = topic_of(after.status);
    if (!topic.empty()) publish(tx, topic, after);
}

void OrderService::resolve_units(sql::Transaction& tx, const Order& order) const {
    const auto items = store::items(tx, order.number);
    const auto lines = stock_lines(items);
    const bool paid = order.status == Status::paid;
    if (!lines.empty()) {
        if (paid) {
            parts_.stock.confirm(tx, order.number, lines);
        } else {
            parts_.stock.release(tx, order.number, lines);
        }
    }
    if (lines.size() == items.size()) return;
    DOORBUSTER_ASSERT(promoted_units_ != nullptr);
    for (const Item& item : items) {
        if (!item.promotion) continue;
        const PromotedLine line{order.number, order.user, *item.promotion, item.sku, item.quantity};
        if (paid) {
            promoted_units_->confirm(tx, line);
        } else {
            promoted_units_->release(tx, line);
        }
    }
}

void OrderService::publish(sql::Transaction& tx, std::string_view topic, const Order& order) const {
    OrderEvent event{
        order.number, order.user, std::string{to_string(order.status)}, order.total, ""};
    if (order.close_reason) event.reason = to_string(*order.close_reason);
    parts_.outbox.append(tx, topic, order.number.to_string(), event.to_json());
}

}  // namespace doorbuster::orders
