#include "core/assert.hpp"
#include "orders/order_service.hpp"
#include "orders/order_store.hpp"
#include "orders/payment_outcome.hpp"

// Money that came after its order was given up: the order gets its units again, if they are left,
// or the buyer the money.
namespace doorbuster::orders {

// All units or none.
bool OrderService::take_units_again(sql::Transaction& tx, const Order& order) const {
    const auto items = store::items(tx, order.number);
    const auto lines = stock_lines(items);
    // An order has either ordinary lines or a promoted one: two kinds could not be taken as one.
    const bool mixed = !lines.empty() && lines.size() != items.size();
    if (mixed || items.empty()) return false;
    if (!lines.empty()) return parts_.stock.take_again(tx, order.number, lines);
    if (items.size() != 1) return false;
    DOORBUSTER_ASSERT(promoted_units_ != nullptr);
    const Item& item = items.front();
    return promoted_units_->take_again(
        tx, {order.number, order.user, *item.promotion, item.sku, item.quantity}
    );
}

// Paying is the buyer's later word, also after cancelling; what the shop has cancelled stays so.
std::optional<OrderService::Change> OrderService::paid_late(
    sql::Transaction& tx, const payments::PaymentEvent& event, const Order& order
) const {
    const bool can_be_paid = next(order.status, Action::pay).has_value();
    const bool can_be_revived = next(order.status, Action::revive).has_value() &&
                                order.close_reason != CloseReason::merchant &&
                                order.close_reason != CloseReason::refunded;
    const bool is_wanted = (can_be_paid || can_be_revived) && event.amount == order.total &&
                           order.payment_status == PaymentStatus::unpaid;
    if (!is_wanted) return std::nullopt;
    // An order that still holds its units keeps them.
    const auto deliver = [&] { return can_be_paid || take_units_again(tx, order); };
    if (!parts_.checkout.keep_late(tx, event.payment, deliver)) return std::nullopt;
    Change change{order, "paid", Actor::payment(), event.provider + ", late"};
    change.after.status = Status::paid;
    change.after.payment_status = PaymentStatus::paid;
    change.after.close_reason.reset();
    change.after.closed_at.reset();
    change.after.paid_at = event.paid_at;
    change.after.retaken = !can_be_paid;
    if (!can_be_paid) change.detail += ", units taken again";
    return change;
}

// Called within a change; the money goes back in its transaction.
OrderService::Change OrderService::unwanted(
    sql::Transaction& tx,
    const payments::PaymentEvent& event,
    const Order& order,
    const std::string& why
) const {
    Change change{order, "refunding", Actor::payment(), why};
    change.after.payment_status = PaymentStatus::refunding;
    if (event.late) {
        parts_.refunds.decline_late(tx, event.payment);
        return change;
    }
    const auto asked =
        parts_.refunds.ask(tx, {event.reference, event.amount, why, "order", "unwanted"});
    if (asked.has_error()) {
        // A person must: the list of orders shows it.
        change.kind = "refund_due";
        change.after.payment_status = PaymentStatus::refund_due;
    }
    return change;
}

void OrderService::payment_refund_due(sql::Transaction& tx, const payments::PaymentEvent& event)
    const {
    const auto decide = [&](const Order& order) -> Decision {
        if (event.duplicate) {
            const std::string what = event.provider + ", goes back";
            return std::optional{Change{order, "second_payment", Actor::payment(), what}};
        }
        if (auto paid = paid_late(tx, event, order)) return paid;
        // Told again, or already on its way back.
        if (order.payment_status != PaymentStatus::unpaid) return std::optional<Change>{};
        const bool by_shop = order.close_reason == CloseReason::merchant;
        const char* const why =
            by_shop ? "paid after the shop cancelled it" : "paid too late, the units are gone";
        return std::optional{unwanted(tx, event, order, why)};
    };
    const auto order = change(tx, order_of_reference(event.reference), decide);
    if (order.has_error()) {
        parts_.refunds.decline_late(tx, event.payment);  // nothing to deliver
        report_missing(event);
    }
}

}  // namespace doorbuster::orders
