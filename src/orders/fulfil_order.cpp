#include "orders/errors.hpp"
#include "orders/order_service.hpp"

// From the shop's shelf to the buyer's hands.
namespace doorbuster::orders {

Result<Order> OrderService::ship(
    sql::Transaction& tx,
    UserId staff,
    OrderNo number,
    const std::string& carrier,
    const std::string& tracking_number
) const {
    bool shipped_now = false;
    const auto decide = [&](const Order& order) -> Decision {
        shipped_now = false;  // it may be decided again, on another state
        const bool same_parcel =
            order.carrier == carrier && order.tracking_number == tracking_number;
        if (order.shipped_at && same_parcel) return std::optional<Change>{};
        // An order whose money goes back is not sent.
        const bool paid = order.payment_status == PaymentStatus::paid;
        if (!paid || !next(order.status, Action::ship)) return kNotShippable;
        Change change{order, "shipped", Actor::user(staff), carrier + " " + tracking_number};
        change.after.status = Status::shipped;
        change.after.fulfillment = Fulfillment::shipped;
        change.after.carrier = carrier;
        change.after.tracking_number = tracking_number;
        change.after.shipped_at = parts_.clock.now();
        shipped_now = true;
        return std::optional{std::move(change)};
    };
    auto order = change(tx, number, decide);
    if (order.has_error() || !shipped_now) return order;
    const std::string parcel = carrier + " " + tracking_number;
    parts_.audit.append(tx, staff, "order.shipped", "order:" + number.to_string(), parcel);
    return order;
}

Result<Order> OrderService::confirm(sql::Transaction& tx, UserId user, OrderNo number) const {
    const auto decide = [&](const Order& order) -> Decision {
        if (order.user != user) return kOrderNotFound;
        if (order.status == Status::completed) return std::optional<Change>{};
        if (!next(order.status, Action::complete)) return kNotConfirmable;
        return std::optional{completed(order, Actor::user(user))};
    };
    return change(tx, number, decide);
}

void OrderService::complete(sql::Transaction& tx, OrderNo number) const {
    const auto decide = [&](const Order& order) -> Decision {
        const bool due =
            order.shipped_at && *order.shipped_at + settings_.complete_after <= parts_.clock.now();
        if (!due || !next(order.status, Action::complete)) return std::optional<Change>{};
        return std::optional{completed(order, Actor::system())};
    };
    static_cast<void>(change(tx, number, decide));  // gone or changed: nothing is due any more
}

OrderService::Change OrderService::completed(const Order& order, const Actor& actor) const {
    Change change{order, "completed", actor};
    change.after.status = Status::completed;
    change.after.fulfillment = Fulfillment::received;
    change.after.completed_at = parts_.clock.now();
    return change;
}

}  // namespace doorbuster::orders
