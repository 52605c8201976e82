#include "orders/errors.hpp"
#include "orders/order_service.hpp"

// The ways an order ends without its money: cancelled or expired.
namespace doorbuster::orders {
namespace {

void close(Order& order, CloseReason reason, Time now) {
    order.status = Status::closed;
    order.close_reason = reason;
    order.closed_at = now;
}

}  // namespace

// The payment side is always told, so that no payment can begin afterwards; where none was open,
// its answer is there already and the order need not wait for the event.
OrderService::Decision OrderService::give_up(
    sql::Transaction& tx, const Order& order, CloseReason reason, const Actor& actor
) const {
    if (!next(order.status, Action::give_up)) return std::optional<Change>{};
    const std::string reference = order.number.to_string();
    parts_.checkout.close(tx, reference);
    Change change{order, "closing", actor, std::string{to_string(reason)}};
    if (parts_.checkout.is_closed(tx, reference)) {
        close(change.after, reason, parts_.clock.now());
        change.kind = "closed";
    } else {
        change.after.status = Status::closing;
        change.after.close_reason = reason;
    }
    return std::optional{std::move(change)};
}

Result<Order> OrderService::cancel(sql::Transaction& tx, UserId user, OrderNo number) const {
    const auto decide = [&](const Order& order) -> Decision {
        if (order.user != user) return kOrderNotFound;
        const bool given_up = order.status == Status::closing || order.status == Status::closed;
        const Actor buyer = Actor::user(user);
        if (order.status == Status::paid)
            return refunded_before_shipping(tx, order, buyer, "cancelled");
        if (!given_up && !next(order.status, Action::give_up)) return kNotCancellable;
        return give_up(tx, order, CloseReason::user, buyer);
    };
    return change(tx, number, decide);
}

Result<Order> OrderService::cancel_by_staff(sql::Transaction& tx, UserId staff, OrderNo number)
    const {
    bool given_up_now = false;
    const auto decide = [&](const Order& order) -> Decision {
        const bool given_up = order.status == Status::closing || order.status == Status::closed;
        const bool paid = order.status == Status::paid;
        if (!given_up && !paid && !next(order.status, Action::give_up)) return kNotCancellable;
        given_up_now = !given_up;
        const Actor merchant = Actor::user(staff);
        if (paid) return refunded_before_shipping(tx, order, merchant, "cancelled by the shop");
        return give_up(tx, order, CloseReason::merchant, merchant);
    };
    auto order = change(tx, number, decide);
    if (order.has_error() || !given_up_now) return order;
    parts_.audit.append(tx, staff, "order.cancelled", "order:" + number.to_string(), "");
    return order;
}

void OrderService::expire(sql::Transaction& tx, OrderNo number) const {
    const auto decide = [&](const Order& order) -> Decision {
        if (order.expires_at > parts_.clock.now()) return std::optional<Change>{};
        return give_up(tx, order, CloseReason::timeout, Actor::system());
    };
    static_cast<void>(change(tx, number, decide));  // gone or changed: nothing is due any more
}

}  // namespace doorbuster::orders
