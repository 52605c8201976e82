#include <algorithm>

#include "core/assert.hpp"
#include "orders/errors.hpp"
#include "orders/order_service.hpp"
#include "orders/order_store.hpp"
#include "orders/payment_outcome.hpp"

// Money and goods that go back after an order was paid.
namespace doorbuster::orders {
namespace {

bool was_paid(const Order& order) {
    switch (order.status) {
        case Status::paid:
        case Status::shipped:
        case Status::completed:
            return true;
        case Status::closed:
            return order.close_reason == CloseReason::refunded;
        case Status::pending_payment:
        case Status::closing:
            return false;
    }
    return false;
}

std::vector<inventory::StockLine> still_sold(const std::vector<Item>& items) {
    std::vector<inventory::StockLine> lines;
    for (const Item& item : items) {
        if (item.quantity > item.returned)
            lines.push_back({item.sku, item.quantity - item.returned});
    }
    return lines;
}

std::int64_t units_of(std::span<const inventory::StockLine> lines) {
    std::int64_t units = 0;
    for (const auto& line : lines) units += line.quantity;
    return units;
}

// "refund 12.00: too small; 2 units back on the shelf"
std::string told(const OrderService::Return& wanted) {
    std::string text;
    if (!wanted.refund.is_zero()) text = "refund " + wanted.refund.to_yuan() + ": ";
    text += wanted.reason;
    const std::int64_t units = units_of(wanted.restock);
    if (units > 0) text += "; " + std::to_string(units) + " units back on the shelf";
    return text;
}

}  // namespace

Result<void> OrderService::restock(
    sql::Transaction& tx,
    const Order& order,
    std::span<const inventory::StockLine> lines,
    const Actor& actor
) const {
    const auto items = store::items(tx, order.number);
    std::vector<ErrorDetail> too_many;
    std::vector<inventory::StockLine> ordinary;
    std::vector<PromotedLine> promoted;
    for (const inventory::StockLine& line : lines) {
        const auto item = std::ranges::find(items, line.sku, &Item::sku);
        const bool fits = item != items.end() && item->returned + line.quantity <= item->quantity;
        if (!fits) {
            too_many.push_back({"skus[" + line.sku.to_string() + "]", "fewer were bought"});
        } else if (item->promotion) {
            promoted.push_back({order.number, order.user, *item->promotion, line.sku, line.quantity}
            );
        } else {
            ordinary.push_back(line);
        }
    }
    if (!too_many.empty()) return Error{kReturnTooMany, std::move(too_many)};
    for (const inventory::StockLine& line : lines) {
        const bool counted = store::count_returned(tx, order.number, line.sku, line.quantity);
        if (!counted) throw sql::Unavailable{"order " + order.number.to_string() + " changed"};
    }
    if (!ordinary.empty()) {
        parts_.stock.take_returned(tx, order.number, ordinary, actor.user_id());
    }
    DOORBUSTER_ASSERT(promoted.empty() || promoted_units_ != nullptr);
    for (const PromotedLine& line : promoted) promoted_units_->take_returned(tx, line);
    return {};
}

// The units never left the shop. What is left of the money goes back; the order is over at once, so
// that nobody ships it.
OrderService::Decision OrderService::refunded_before_shipping(
    sql::Transaction& tx, const Order& order, const Actor& actor, const std::string& why
) const {
    const std::string reference = order.number.to_string();
    const auto standing = parts_.refunds.standing(tx, reference);
    const Money left = standing.paid - standing.pending - standing.refunded;
    if (left > Money{}) {
        const auto asked =
            parts_.refunds.ask(tx, {reference, left, why, actor.name(), "cancellation"});
        if (asked.has_error()) return asked.error();
    }
    const auto back = restock(tx, order, still_sold(store::items(tx, order.number)), actor);
    if (back.has_error()) return back.error();
    const bool money_moves = left + standing.pending > Money{};
    Change change{order, "cancelled", actor, why + ", refund " + left.to_yuan()};
    change.after.status = Status::closed;
    change.after.close_reason = CloseReason::refunded;
    change.after.payment_status = money_moves ? PaymentStatus::refunding : PaymentStatus::refunded;
    change.after.closed_at = parts_.clock.now();
    return std::optional{std::move(change)};
}

Result<Order> OrderService::take_return(
    sql::Transaction& tx, UserId staff, OrderNo number, const Return& wanted
) const {
    const Actor actor = Actor::user(staff);
    const auto decide = [&](const Order& order) -> Decision {
        if (!was_paid(order)) return kNotReturnable;
        if (!wanted.refund.is_zero()) {
            // One per change of the order: whoever comes second sees another version.
            const std::string key = "return " + std::to_string(order.version);
            const auto asked = parts_.refunds.ask(
                tx, {number.to_string(), wanted.refund, wanted.reason, actor.name(), key}
            );
            if (asked.has_error()) return asked.error();
        }
        const auto back = restock(tx, order, wanted.restock, actor);
        if (back.has_error()) return back.error();
        Change change{order, "returned", actor, told(wanted)};
        if (!wanted.refund.is_zero()) change.after.payment_status = PaymentStatus::refunding;
        return std::optional{std::move(change)};
    };
    auto order = change(tx, number, decide);
    if (order.has_error()) return order;
    parts_.audit.append(tx, staff, "order.returned", "order:" + number.to_string(), told(wanted));
    return order;
}

void OrderService::refund_changed(
    sql::Transaction& tx, std::string_view topic, const refunds::RefundEvent& event
) const {
    const bool of_second_payment = event.origin == "duplicate";
    const auto decide = [&](const Order& order) -> Decision {
        const auto standing = parts_.refunds.standing(tx, event.reference);
        const bool failed = topic == refunds::kRefundFailed || topic == refunds::kRefundStuck;
        Change change{order, "refund_failed", Actor::payment(), event.amount.to_yuan()};
        if (of_second_payment) {
            if (topic == refunds::kRefundRequested) return std::optional<Change>{};
            if (!failed) change.kind = "second_payment_refunded";
            return std::optional{std::move(change)};
        }
        const PaymentStatus now = payment_status_of(order, standing);
        if (now == order.payment_status && !failed) return std::optional<Change>{};
        change.after.payment_status = now;
        if (!failed) change.kind = to_string(now);
        const bool over = now == PaymentStatus::refunded && next(order.status, Action::refund);
        if (over) {
            change.after.status = Status::closed;
            change.after.close_reason = CloseReason::refunded;
            change.after.closed_at = parts_.clock.now();
        }
        return std::optional{std::move(change)};
    };
    // An order that is gone (a rehearsal's) has nothing to learn.
    static_cast<void>(change(tx, order_of_reference(event.reference), decide));
}

}  // namespace doorbuster::orders
